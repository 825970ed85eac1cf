const API = 'http://localhost:3000';

const token = new URLSearchParams(location.hash.slice(1)).get('rt') ?? '';
const url = `${API}/newsletter/unsubscribe?rt=${encodeURIComponent(token)}`;

/** What we say ourselves; for other codes, the API has a text. */
const REFUSED = {
  token_expired: 'This link has expired. Please take the one in our latest mail.',
  token_user_not_found: 'You are not in our list any more. There is nothing left to do.',
};

async function call(method) {
  try {
    const response = await fetch(url, { method, headers: { Accept: 'application/json' } });
    const answer = await response.json();
    if (response.ok) return answer;
    return { title: 'Sorry', message: REFUSED[answer.code] ?? answer.message };
  } catch {
    return { title: 'Sorry', message: 'We cannot be reached. Please try again later.' };
  }
}

const [heading, text, button] = ['h1', 'p', 'button'].map((name) => document.querySelector(name));

function show(answer) {
  heading.textContent = answer.title;
  text.textContent = answer.message;
  button.textContent = answer.button;
  button.hidden = !answer.button;
}

button.addEventListener('click', async () => {
  button.disabled = true; // one click, one use
  show(await call('POST')); // acts
});

show(await call('GET')); // asks, and takes no use
