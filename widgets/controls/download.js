export default {
  render({ model, el }) {
    const button = Object.assign(document.createElement("button"), { type: "button", className: "herd-button" });
    const draw = () => {
      button.textContent = model.get("label");
      button.disabled = model.get("disabled");
    };
    const save = (message, buffers) => {
      if (message.type !== "file") return;
      const address = URL.createObjectURL(new Blob(buffers, { type: message.media_type }));
      const link = Object.assign(document.createElement("a"), { href: address, download: message.name });
      link.click();
      setTimeout(() => URL.revokeObjectURL(address), 10000);
    };
    button.addEventListener("click", () => model.send({ type: "wanted" }));
    model.on("change", draw);
    model.on("msg:custom", save);
    el.replaceChildren(button);
    draw();
    return () => { model.off("change", draw); model.off("msg:custom", save); };
  },
};
