"""`eureka suite`: ordinary runs of several tasks one after the other in a folder, and what they come to together."""
