"use strict";
// Everything that comes from outside is put on the page as text, never as markup.
(async () => {
  const data = JSON.parse(document.getElementById("data").textContent);
  const { candidates, texts } = data.packed ? JSON.parse(await unpacked(data.packed)) : { candidates: {}, texts: [] };
  const byId = (id) => document.getElementById(id);

  function make(tag, classes, ...children) {
    const node = document.createElement(tag);
    if (classes) node.className = classes;
    node.append(...children.filter((child) => child !== null));
    return node;
  }

  async function unpacked(text) {
    const bytes = Uint8Array.from(atob(text), (letter) => letter.charCodeAt(0));
    return new Response(new Blob([bytes]).stream().pipeThrough(new DecompressionStream("deflate"))).text();
  }

  // ── Light and dark ──────────────────────────────────────────────────────────────────────────────────────────────

  const system = matchMedia("(prefers-color-scheme: dark)");
  let chosen = null;
  try { chosen = localStorage.getItem("eureka-theme"); } catch { /* a page from disk may have no storage */ }

  function showTheme() {
    document.documentElement.style.colorScheme = chosen ?? "light dark";
    drawAll();
  }

  byId("theme").addEventListener("click", () => {
    const dark = chosen === null ? system.matches : chosen === "dark";
    chosen = dark ? "light" : "dark";
    try { localStorage.setItem("eureka-theme", chosen); } catch { /* then it holds until the page is left */ }
    showTheme();
  });
  system.addEventListener("change", showTheme);

  function colour(name) {
    const probe = make("span");
    probe.style.color = `var(--${name})`;
    document.body.append(probe);
    const value = getComputedStyle(probe).color;
    probe.remove();
    return value;
  }

  // ── Plots ───────────────────────────────────────────────────────────────────────────────────────────────────────

  const touch = matchMedia("(pointer: coarse)").matches; // there a drag scrolls the page

  function template() {
    const axis = { gridcolor: colour("line"), linecolor: colour("line"), tickcolor: colour("line"), zerolinecolor: colour("line"), automargin: true, fixedrange: touch, title: { font: { size: 12.5, color: colour("quiet") } } };
    const font = { family: getComputedStyle(document.body).fontFamily, size: 12.5, color: colour("ink") };
    return {
      layout: {
        font, paper_bgcolor: "rgba(0,0,0,0)", plot_bgcolor: "rgba(0,0,0,0)", xaxis: axis, yaxis: axis, hovermode: "closest",
        dragmode: touch ? false : "zoom", margin: { l: 56, r: 12, t: 28, b: 44 },
        hoverlabel: { bgcolor: colour("card"), bordercolor: colour("line"), font },
      },
    };
  }

  function draw(node, figure) {
    const { data: traces, layout } = structuredClone(figure); // Plotly writes into what it is given
    const config = { displayModeBar: false, responsive: true };
    Plotly.react(node, traces, { ...layout, template: template() }, config);
    if (!node.dataset.drawn) {
      node.dataset.drawn = "yes";
      node.on("plotly_click", (event) => {
        const id = event.points[0]?.customdata;
        if (id in candidates) open(id);
      });
    }
  }

  function drawAll() {
    for (const node of document.querySelectorAll("[data-figure]")) draw(node, data.figures[node.dataset.figure]);
  }

  // ── A candidate ─────────────────────────────────────────────────────────────────────────────────────────────────

  const dialog = byId("details");
  const ids = Object.keys(candidates);
  let shown = null;

  function code(text, colours, marked) {
    const lines = [make("span", "line")];
    for (let at = 0, k = 0; k < colours.length; k += 2) {
      const piece = text.slice(at, (at += colours[k + 1]));
      piece.split("\n").forEach((part, number) => {
        if (number) lines.push(make("span", "line"));
        if (part) lines.at(-1).append(make("span", colours[k], part));
      });
    }
    const rest = text.slice(colours.reduce((sum, part, k) => sum + (k % 2 ? part : 0), 0));
    if (rest) lines.at(-1).append(rest);
    if (marked && lines[marked - 1]) lines[marked - 1].classList.add("at");
    const box = make("pre", "code");
    lines.forEach((line, number) => box.append(number ? "\n" : "", line));
    return box;
  }

  function folded(title, open, ...content) {
    const box = make("details", "", make("summary", "", title), ...content);
    box.open = open;
    return box;
  }

  function wrong(title, text) {
    return make("div", "wrong", make("b", "", title), make("pre", "", texts[text]));
  }

  function attempt(one, candidate) {
    const last = one === candidate.attempts.at(-1);
    const parts = [];
    if (candidate.attempts.length > 1) parts.push(make("h3", "", `Attempt ${one.number} of ${candidate.attempts.length}`));
    if (one.accepted === false) {
      const place = one.line ? `, line ${one.line}` : "";
      parts.push(wrong(`Rejected (${one.stage}${place})`, one.verdict));
    } else if (one.accepted) {
      parts.push(make("p", "quiet", "Accepted."));
    }
    if (one.mended.length) parts.push(make("p", "quiet", `Mended: ${one.mended.join("; ")}`));
    const marked = one.line ?? (last ? candidate.error?.line : null);
    const program = texts[one.code];
    parts.push(program ? folded("Program", last, code(program, one.colours, marked)) : make("p", "quiet", "No program was found in the answer."));
    if (one.answer !== null) parts.push(folded("Answer", false, make("pre", "answer", texts[one.answer])));
    if (one.asked.length) {
      const messages = one.asked.map(([role, text]) => make("div", "message", make("b", "", role), make("pre", "", texts[text])));
      parts.push(folded("Prompt", false, ...messages));
    }
    if (one.by) parts.push(make("p", "quiet", one.by));
    return parts;
  }

  function content(candidate) {
    const facts = [
      make("span", `status ${candidate.status}`, candidate.status),
      candidate.fitness === null ? null : ` fitness ${candidate.fitness}${data.unit} `,
      candidate.again === null ? null : `(${candidate.again} on a fresh seed) `,
      candidate.parents.length ? "made from " : null,
      ...candidate.parents.flatMap((id) => [opener(id), " "]),
    ];
    const parts = [make("p", "", ...facts)];
    if (candidate.why && candidate.error === null && candidate.status !== "rejected") parts.push(make("p", "quiet", candidate.why));
    if (candidate.error !== null) parts.push(wrong(candidate.error.line ? `Training failed, line ${candidate.error.line}` : "Training failed", candidate.error.text));
    const plot = candidate.curve.x.length > 1 ? make("div", "plot") : null;
    if (plot !== null) parts.push(make("p", "quiet", "Fitness over environment steps"), plot);
    for (const one of candidate.attempts.toReversed()) parts.push(...attempt(one, candidate));
    for (const text of candidate.told) parts.push(folded("What was told of it to write the next", false, make("pre", "", texts[text])));
    return [parts, plot];
  }

  function opener(id) {
    const button = make("button", "open", id);
    button.type = "button";
    if (id in candidates) button.addEventListener("click", () => open(id));
    return button;
  }

  function open(id) {
    shown = id;
    const candidate = candidates[id];
    const [parts, plot] = content(candidate);
    byId("details-title").textContent = id;
    byId("details-body").replaceChildren(...parts);
    byId("details-body").scrollTop = 0;
    if (!dialog.open) dialog.showModal();
    if (plot !== null) draw(plot, { data: [{ ...data.curve, ...candidate.curve }], layout: data.curve_layout });
  }

  function step(by) {
    open(ids[(ids.indexOf(shown) + by + ids.length) % ids.length]);
  }

  if (dialog) {
    byId("close").addEventListener("click", () => dialog.close());
    byId("previous").addEventListener("click", () => step(-1));
    byId("next").addEventListener("click", () => step(1));
    dialog.addEventListener("click", (event) => { if (event.target === dialog) dialog.close(); });
    dialog.addEventListener("keydown", (event) => {
      if (event.key === "ArrowLeft") step(-1);
      if (event.key === "ArrowRight") step(1);
    });
  }

  // ── The list ────────────────────────────────────────────────────────────────────────────────────────────────────

  const list = byId("list");

  function filter() {
    const chips = [...byId("filters").children];
    const wanted = new Set(chips.filter((chip) => chip.getAttribute("aria-pressed") === "true").map((chip) => chip.dataset.status));
    for (const row of list.tBodies[0].rows) row.hidden = !wanted.has(row.dataset.status);
  }

  function sort(column, heading) {
    const down = heading.getAttribute("aria-sort") !== "descending";
    for (const other of list.tHead.rows[0].cells) other.removeAttribute("aria-sort");
    heading.setAttribute("aria-sort", down ? "descending" : "ascending");
    const value = (row) => row.cells[column].textContent;
    const compare = (a, b) => {
      const [x, y] = [value(a), value(b)];
      const numbers = [x, y].map((text) => (text === "" ? -Infinity : Number(text)));
      return numbers.some(Number.isNaN) ? x.localeCompare(y) : numbers[0] - numbers[1];
    };
    const rows = [...list.tBodies[0].rows].sort((a, b) => (down ? compare(b, a) : compare(a, b)));
    list.tBodies[0].append(...rows);
  }

  if (list) {
    for (const button of list.querySelectorAll(".open")) button.addEventListener("click", () => open(button.dataset.id));
    [...list.tHead.rows[0].cells].forEach((heading, column) => heading.addEventListener("click", () => sort(column, heading)));
    const counts = new Map();
    for (const row of list.tBodies[0].rows) counts.set(row.dataset.status, (counts.get(row.dataset.status) ?? 0) + 1);
    for (const [status, count] of counts) {
      const chip = make("button", "", `${status} ${count}`);
      chip.type = "button";
      chip.dataset.status = status;
      chip.setAttribute("aria-pressed", "true");
      chip.addEventListener("click", () => {
        chip.setAttribute("aria-pressed", chip.getAttribute("aria-pressed") === "true" ? "false" : "true");
        filter();
      });
      byId("filters").append(chip);
    }
  }

  showTheme();
})();
