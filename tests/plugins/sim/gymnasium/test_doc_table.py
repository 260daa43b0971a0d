from eureka_gymnasium.doc_table import Row, has_list, joined, listed, prose, rows, section

DOC = """
    A cart.

    ## Observation Space

    The observation has two numbers. A high score needs both:

    | Num | Observation             | Min  | Max | Name (in the file) | Type (Unit)              |
    |-----|-------------------------|------|-----|--------------------|--------------------------|
    | 0   | Position of the `cart`  | -Inf | Inf | slider (a slide)   | position (m)             |
    | 1   | Speed                   | -Inf | Inf | NA                 | velocity (v)             |
    | excluded | Height             | -Inf | Inf | lift               | position (m)             |

    ## Action Space

    There are two ways to act:

    - 0: go left
    - 1: go right

    With more of them:

    - 0: go left
    - 1: stay
    - 2: go right

    ## Rewards
    - 0: nothing
"""


def test_a_section_ends_at_the_next_heading():
    assert "go right" in section(DOC, "action") and "nothing" not in section(DOC, "action")
    assert section(DOC, "information") == ""


def test_rows_have_text_joint_and_unit_and_say_what_is_left_out():
    assert rows(section(DOC, "observation"), "observation") == (
        Row(0, "Position of the cart", "slider", "m"),
        Row(1, "Speed", "", ""),
        Row(None, "Height", "lift", "m"),
    )


def test_a_table_that_does_not_count_from_zero_without_gaps_is_none():
    text = "| Num | Observation |\n|--|--|\n| {} | a |\n| {} | b |\n"
    assert [row.text for row in rows(text.format(0, 1), "observation")] == ["a", "b"]
    assert rows(text.format(1, 2), "observation") == rows(text.format(0, 2), "observation") == ()


def test_the_list_with_as_many_entries_as_there_are_actions_is_taken():
    text = section(DOC, "action")
    assert listed(text, 2) == ("go left", "go right")
    assert listed(text, 3) == ("go left", "stay", "go right")
    assert listed(text, 4) == ()
    assert joined(listed(text, 2)) == "0: go left, 1: go right"
    assert has_list(text) and not has_list("Push it.")


def test_prose_leaves_out_tables_lists_and_sentences_about_reward():
    assert prose(section(DOC, "observation")) == "The observation has two numbers."
    assert prose("One. " + "Long " * 200 + ". Three.") == "One."
