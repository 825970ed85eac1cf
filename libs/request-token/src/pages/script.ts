/**
 * Locks the button when the form is sent: of a double click, the second request would otherwise be the one whose
 * answer is shown, and say that the link has been used. A disabled button cannot send its form, so that comes
 * after. A page that the browser has kept is shown again as it was left, so it is unlocked; and so is one that
 * stays, because the answer is a file, after a while.
 */
export const SCRIPT = `
const form = document.forms[0], button = form.querySelector('button');
const lock = (isSent) => {
  form.setAttribute('aria-busy', isSent);
  setTimeout(() => { button.disabled = isSent; });
};
form.addEventListener('submit', (event) => {
  if (form.getAttribute('aria-busy') === 'true') event.preventDefault();
  else { lock(true); setTimeout(lock, 30000, false); }
});
addEventListener('pageshow', (event) => { if (event.persisted) lock(false); });
`;
