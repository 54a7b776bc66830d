// Brings the parts of GOV.UK Frontend and MOJ Frontend on the page to life, and two small things of our own.
import { initAll } from "../app/govuk-frontend.min.js";
import { initAll as initMoj } from "../app/moj-frontend.min.js";

initAll();
initMoj();

// A filter is open for those without scripts; on a narrow screen it starts closed, so that the list comes first.
if (window.matchMedia("(max-width: 55.9375rem)").matches) {
  for (const filter of document.querySelectorAll("details[data-close-when-narrow]")) filter.open = false;
}

// A region is worth a tab stop only while its content is wider than it is.
const regions = document.querySelectorAll(".app-table-wrap[tabindex], .app-figure__scroll[tabindex]");
const weigh = () => {
  for (const region of regions) region.tabIndex = region.scrollWidth > region.clientWidth ? 0 : -1;
};
weigh();
window.addEventListener("resize", weigh);
for (const details of document.querySelectorAll("details")) details.addEventListener("toggle", weigh);
