// Scripts that are loaded when they are needed, each once, from where this one stands.
{
  const here = document.currentScript.src;
  const loading = {};
  window.loadScript = (name) =>
    (loading[name] ??= new Promise((resolve, reject) => {
      const script = document.createElement("script");
      script.src = new URL(name, here).href;
      script.onload = resolve;
      script.onerror = () => reject(new Error(`${name} did not load`));
      document.head.append(script);
    }));
}
