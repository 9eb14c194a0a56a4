// What ipywidgets cannot say in Python: names and roles for a screen reader, and keys that stay
// with the field that has the focus. Without this file everything still shows and saves.

const TYPED = "textarea, input:not([type=radio]):not([type=checkbox])";
const SHOWN = ".jp-OutputArea summary, .jp-OutputArea input[type=radio]"; // folds and the war room

function nameOf(box) {
  const name = box.querySelector(".skillmap-name");
  return name ? name.innerText.trim() : "";
}

function describe(root) {
  for (const box of root.querySelectorAll(".skillmap-group")) {
    box.setAttribute("role", "group");
    const name = nameOf(box);
    if (name) box.setAttribute("aria-label", name);
  }
  for (const line of root.querySelectorAll(".skillmap-status")) {
    line.setAttribute("role", "status"); // on the element that stays, so that changes are read
  }
  for (const button of root.querySelectorAll("button[title]")) {
    button.setAttribute("aria-label", button.title);
    button.querySelectorAll("i").forEach((icon) => icon.setAttribute("aria-hidden", "true"));
  }
  for (const slider of root.querySelectorAll(".widget-slider")) {
    const label = slider.querySelector(".widget-label");
    const name = label ? label.innerText.trim() : "";
    if (!name) continue;
    const handle = slider.querySelector(".noUi-handle");
    if (handle) handle.setAttribute("aria-label", name);
    const typed = slider.querySelector(".widget-readout");
    if (typed) {
      typed.setAttribute("role", "textbox");
      typed.setAttribute("aria-label", `${name}, as a number`);
    }
  }
  for (const choices of root.querySelectorAll(".widget-radio-box")) {
    const group = choices.closest(".skillmap-group");
    choices.setAttribute("role", "radiogroup");
    if (group) choices.setAttribute("aria-label", nameOf(group));
    choices.dataset.name ||= `skillmap-${Math.random().toString(36).slice(2)}`;
    for (const radio of choices.querySelectorAll("input[type=radio]")) {
      radio.name = choices.dataset.name; // one group: arrow keys move inside it
    }
  }
}

function render({ el }) {
  let root = null;
  let waiting = false;
  const changed = () => {
    if (waiting) return;
    waiting = true;
    queueMicrotask(() => {
      waiting = false;
      describe(root);
    });
  };
  const watcher = new MutationObserver(changed);

  // JupyterLab takes plain keys for its own commands unless text is being typed: an arrow in a
  // list would leave the cell, an x on a button would cut it. Keys with Ctrl, Alt or Cmd, and
  // Escape, are passed on.
  const keep = (event) => {
    const target = event.target;
    if (!root || !(target instanceof Element)) return;
    if (!root.contains(target) && !target.matches(SHOWN)) return;
    const lab = event.ctrlKey || event.metaKey || event.altKey || event.key === "Escape";
    target.toggleAttribute("data-lm-suppress-shortcuts", !lab && !target.matches(TYPED));
  };

  const attach = (tries) => {
    root = el.closest(".skillmap-prompts");
    if (!root) {
      if (tries) setTimeout(() => attach(tries - 1), 50);
      return;
    }
    describe(root);
    watcher.observe(root, {
      attributes: true,
      attributeFilter: ["title"],
      childList: true,
      subtree: true,
    });
    window.addEventListener("keydown", keep, true);
  };
  attach(100);
  return () => {
    watcher.disconnect();
    window.removeEventListener("keydown", keep, true);
  };
}

export default { render };
