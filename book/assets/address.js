/* The state of a figure or of a bent rule in the address: ?owner.setting=value, only what differs from the published. */
window.bookAddress = (() => {
  const own = (key, owner) => key.startsWith(`${owner}.`);

  /* What the address asks of an owner: setting -> text. */
  const asked = (owner) => new Map(
    [...new URLSearchParams(location.search)]
      .filter(([key]) => own(key, owner))
      .map(([key, value]) => [key.slice(owner.length + 1), value]),
  );

  /* The address of this page with these settings of one owner, and of the others as they are. */
  const having = (owner, settings) => {
    const address = new URL(location.href);
    const query = [...new URLSearchParams(location.search)].filter(([key]) => !own(key, owner));
    for (const [name, value] of Object.entries(settings)) query.push([`${owner}.${name}`, value]);
    address.search = new URLSearchParams(query);
    return address;
  };

  /* Write settings into the address; one step back leads to what stood before the first touch of this owner. */
  const keep = (owner, settings) => {
    const address = having(owner, settings).href;
    if (address === location.href) return;
    const how = history.state?.owner === owner ? "replaceState" : "pushState";
    history[how]({ owner }, "", address);
  };

  /* Copy an address and say so; where the clipboard is refused, show the address to be copied by hand. */
  const copy = async (address, told) => {
    try {
      await navigator.clipboard.writeText(address);
      told.textContent = "The link is copied.";
    } catch {
      const field = Object.assign(document.createElement("input"), { readOnly: true, value: address, ariaLabel: "The link" });
      told.replaceChildren("Copy this link: ", field);
      field.select();
    }
  };

  return { asked, having, keep, copy };
})();
