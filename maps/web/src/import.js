// The import dialogue works without this: a finding's link moves the map, which may be out of sight, and while
// a load is under way the page says how far it is.
import { follow } from "./load-course.js";

const calm = matchMedia("(prefers-reduced-motion: reduce)");

document.addEventListener("click", (event) => {
  const link = event.target.closest("a[target]");
  const [frame] = link ? document.getElementsByName(link.target) : [];
  frame?.scrollIntoView({ block: "center", behavior: calm.matches ? "auto" : "smooth" });
});

const course = document.getElementById("course");
document.getElementById("answers")?.addEventListener("submit", (event) => {
  if (course && event.submitter?.formMethod === "post") follow(course);
});
