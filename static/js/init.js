// Brings the parts of GOV.UK Frontend and MOJ Frontend on the page to life, and two small things of our own.
import { initAll } from "../app/govuk-frontend.min.js";
import { initAll as initMoj } from "../app/moj-frontend.min.js";

initAll();
initMoj();

// A question beneath a choice shows while the choice is made. (GOV.UK Frontend's own way of doing this puts aria-expanded on
// radios, which the ARIA standard does not allow.) Fields that are hidden are still sent; the server takes no notice of them.
const choices = document.querySelectorAll("input[data-reveals]");
const reveal = () => {
  for (const choice of choices) {
    const more = document.getElementById(choice.dataset.reveals);
    if (more) more.classList.toggle(`govuk-${choice.type === "radio" ? "radios" : "checkboxes"}__conditional--hidden`, !choice.checked);
  }
};
if (choices.length) {
  reveal();
  document.addEventListener("change", reveal);
  window.addEventListener("pageshow", reveal); // the browser may have put back what was chosen
}

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
