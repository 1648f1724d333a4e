// A file is sent piece by piece; the next one leaves when the kernel has taken the one before.
export default {
  render({ model, el }) {
    const box = document.createElement("div");
    const input = Object.assign(document.createElement("input"), { type: "file", accept: model.get("accept") });
    const label = document.createElement("label");
    const title = document.createElement("span");
    const hint = Object.assign(document.createElement("span"), { className: "herd-note" });
    const state = Object.assign(document.createElement("p"), { className: "herd-state" });
    box.className = "herd-drop";
    input.className = "herd-file";
    title.className = "herd-drop-title";
    state.setAttribute("role", "status");
    label.append(input, title, hint);
    box.append(label, state);
    el.replaceChildren(box);
    let file = null;
    let sent = 0;

    const draw = () => {
      title.textContent = model.get("texts").choose;
      hint.textContent = model.get("texts").hint;
      state.textContent = model.get("state");
    };
    const take = (chosen) => {
      if (!chosen) return;
      [file, sent] = [chosen, 0];
      model.send({ type: "begin", name: file.name, size: file.size });
    };
    const sendNext = async () => {
      if (!file) return;
      if (sent >= file.size) { file = null; return; }
      const piece = await file.slice(sent, sent + model.get("piece")).arrayBuffer();
      sent += piece.byteLength;
      model.send({ type: "piece", name: file.name }, undefined, [piece]);
    };
    const onMessage = (message) => { if (message.type === "next") sendNext(); };

    input.addEventListener("change", () => { take(input.files[0]); input.value = ""; });  // the same file again is a wish again
    box.addEventListener("dragover", (event) => { event.preventDefault(); box.classList.add("over"); });
    box.addEventListener("dragleave", () => box.classList.remove("over"));
    box.addEventListener("drop", (event) => {
      event.preventDefault();
      box.classList.remove("over");
      take(event.dataTransfer.files[0]);
    });
    model.on("change", draw);
    model.on("msg:custom", onMessage);
    draw();
    return () => { model.off("change", draw); model.off("msg:custom", onMessage); };
  },
};
