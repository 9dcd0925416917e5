// The import dialogue works without this: a finding's link moves the map, which may be out of sight.
const calm = matchMedia("(prefers-reduced-motion: reduce)");

document.addEventListener("click", (event) => {
  const link = event.target.closest("a[target]");
  const [frame] = link ? document.getElementsByName(link.target) : [];
  frame?.scrollIntoView({ block: "center", behavior: calm.matches ? "auto" : "smooth" });
});
