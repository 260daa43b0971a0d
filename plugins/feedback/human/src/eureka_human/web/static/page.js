// Comfort alone: without it every page still works.
"use strict";

const form = document.querySelector("form[data-once]");

// Keys press the buttons that name them, unless somebody types or holds a key that means something else. A key pressed as the page has
// just come was meant for the page before.
const EARLY_MS = 400;
const came = performance.now();
document.addEventListener("keydown", (event) => {
  if ((event.ctrlKey || event.metaKey) && event.key === "Enter" && event.target.form === form && form) {
    event.preventDefault();
    form.requestSubmit();
    return;
  }
  const typing = event.target.closest("input, textarea, select, [contenteditable]");
  if (typing || event.repeat || performance.now() - came < EARLY_MS || event.ctrlKey || event.metaKey || event.altKey) return;
  const button = [...document.querySelectorAll("[data-keys]")].find((one) => one.dataset.keys.split(" ").includes(event.key));
  if (button) {
    event.preventDefault();
    button.click();
  }
});

// A second click while the first is under way answers nothing twice. A page that comes back from the browser's memory is new.
if (form) {
  form.addEventListener("submit", (event) => {
    if (form.dataset.sent) event.preventDefault();
    form.dataset.sent = "1";
  });
  window.addEventListener("pageshow", (event) => {
    delete form.dataset.sent;
    if (event.persisted) location.reload();
  });
}

// What is typed outlives a reload and a server that was away; what was sent is forgotten.
const sent = sessionStorage.getItem("sent");
if (sent && document.querySelector(".told, .said")) {
  sessionStorage.removeItem(sent);
  sessionStorage.removeItem("sent");
}
const area = document.querySelector("textarea[data-draft]");
if (area) {
  const place = `draft ${area.dataset.draft}`;
  const draft = sessionStorage.getItem(place);
  if (draft) area.value = draft;
  area.addEventListener("input", () => sessionStorage.setItem(place, area.value));
  form.addEventListener("submit", () => sessionStorage.setItem("sent", place));
}
// Who asked their system for less motion starts videos themselves.
const still = matchMedia("(prefers-reduced-motion: reduce)").matches;
if (still) for (const video of document.querySelectorAll("video")) {
  video.autoplay = false;
  video.pause();
}

// Two videos begin together, and begin again when both have ended.
const videos = [...document.querySelectorAll(".sides video")];
if (videos.length) {
  const begin = () => videos.forEach((video) => { video.currentTime = 0; video.play().catch(() => {}); });
  const ended = () => { if (videos.every((video) => video.ended)) setTimeout(begin, 700); };
  const again = document.createElement("button");
  again.type = "button";
  again.className = "again";
  again.dataset.keys = "r R";
  again.innerHTML = "<kbd aria-hidden=\"true\">R</kbd> Play both again";
  again.addEventListener("click", begin);
  document.querySelector(".sides").after(again);
  for (const video of videos) {
    video.loop = false;
    video.controls = false;
    video.addEventListener("ended", ended);
    video.addEventListener("click", () => videos.forEach((one) => (video.paused ? one.play() : one.pause())));
  }
  if (!still) Promise.all(videos.map((video) => new Promise((ready) => {
    if (video.readyState >= 3) ready();
    video.addEventListener("canplay", ready, { once: true });
    video.addEventListener("error", ready, { once: true });
  }))).then(begin);
}

// New questions, and videos that are ready, appear by themselves; never under somebody's hands.
const main = document.querySelector("main[data-stamp]");
const films = [...document.querySelectorAll("[data-film]")].map((one) => one.dataset.film);
if (main && (document.querySelector("[data-wait]") || films.length)) {
  const ask = async () => {
    try {
      const answer = await fetch("/now?" + films.map((film) => `film=${film}`).join("&"));
      if (answer.ok) {
        const { stamp, settled } = await answer.json();
        if (settled.some(Boolean) || (!films.length && stamp !== main.dataset.stamp)) return location.reload();
      }
    } catch { /* the server is away; it comes back at the same address */ }
    setTimeout(ask, 2500);
  };
  setTimeout(ask, 1500);
}

for (const time of document.querySelectorAll("time[data-time]")) {
  time.textContent = new Date(1000 * time.dataset.time).toLocaleString([], { dateStyle: "medium", timeStyle: "short" });
}
