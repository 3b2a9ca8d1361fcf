// What only the browser can do for the console: theme and language, keys, dialogs, drafts, copying, requests that set a cookie.

const root = document.documentElement;
const chinese = root.lang.startsWith('zh');

function keep(name, value) {
  const secure = location.protocol === 'https:' ? '; secure' : '';
  document.cookie = `${name}=${value}; path=/; max-age=31536000; samesite=lax${secure}`;
}

// ---- theme and language -------------------------------------------------------------------------------------------------------------

document.addEventListener('click', event => {
  const theme = event.target.closest?.('[data-theme-switch]');
  if (theme) {
    const dark = root.dataset.theme === 'dark' || (root.dataset.theme === 'auto' && matchMedia('(prefers-color-scheme: dark)').matches);
    root.dataset.theme = dark ? 'light' : 'dark';
    keep('notify-theme', root.dataset.theme);
  }

  const language = event.target.closest?.('[data-language]');
  if (language) {
    event.preventDefault();
    keep('notify-language', language.dataset.language);
    const address = new URL(location.href);
    address.searchParams.delete('lang');
    // An address with a # would only be scrolled to.
    history.replaceState(history.state, '', address);
    location.reload();
  }
}, true);

// ---- the page's connection ----------------------------------------------------------------------------------------------------------

let page = null;
let toldAt = 0;
let pingedAt = Date.now();

/** Called once by the page; returns the reader's time zone. */
export function begin(reference) {
  page = reference;
  document.getElementById('starting')?.remove();
  return Intl.DateTimeFormat().resolvedOptions().timeZone;
}

// A session ends when nothing is done in it. What is done on a page does not reach the server as a request that could renew the cookie, so it is told here.
function active() {
  const now = Date.now();
  if (!page || now - toldAt < 30_000) return;
  toldAt = now;
  page.invokeMethodAsync('Active').catch(() => { });
  if (now - pingedAt > 120_000) {
    pingedAt = now;
    fetch('api/v1/session', { headers: { 'Accept-Language': chinese ? 'zh' : 'en' } })
      .then(answer => { if (answer.status === 401) location.assign('sign-in?to=' + encodeURIComponent(location.pathname.slice(base().length) + location.search)); })
      .catch(() => { });
  }
}
for (const name of ['pointerdown', 'keydown']) document.addEventListener(name, active, { passive: true });

function base() { return new URL(document.baseURI).pathname; }

// ---- keys ---------------------------------------------------------------------------------------------------------------------------

let before = '';
const places = { a: 'alarms', f: 'failed', r: 'rules', s: 'services', n: 'notifications', h: 'audit', o: '' };

// Whoever speaks to the computer, or hits keys by mistake, switches them off.
export function hasKeys() { return root.dataset.keys !== 'off'; }
export function useKeys(uses) {
  root.dataset.keys = uses ? 'on' : 'off';
  keep('notify-keys', root.dataset.keys);
}

document.addEventListener('keydown', event => {
  if (!hasKeys() || event.ctrlKey || event.metaKey || event.altKey || event.isComposing) return;
  const typing = event.target.closest?.('input, textarea, select, [contenteditable]');
  if (typing || document.querySelector('dialog[open]')) { before = ''; return; }
  const key = event.key;
  if (key === '/') { event.preventDefault(); document.getElementById('search')?.focus(); }
  else if (key === '?') document.getElementById('keys')?.showModal();
  else if (before === 'g' && key in places) document.querySelector(`.menu a[href="${places[key]}"]`)?.click();
  else if (key === 'n') document.querySelector('[data-add]')?.click();
  before = key === 'g' ? 'g' : '';
});

// ---- dialogs ------------------------------------------------------------------------------------------------------------------------

/** Opens a dialog of the page; closing it by Escape is told to the page, which decides: the browser itself must never close it, or the page would
 * believe it open. The second Escape without anything between can only be stopped as a key; a dialog that was closed nevertheless is opened again. */
export function openDialog(element, reference) {
  if (!element || element.open) return;
  const before = document.activeElement;
  // The page takes a dialog away when it is done with it: the focus goes back to where it was.
  const gone = new MutationObserver(() => {
    if (element.isConnected) return;
    gone.disconnect();
    if (before?.isConnected && (document.activeElement === document.body || !document.activeElement)) before.focus();
  });
  gone.observe(document.body, { childList: true, subtree: true });
  const cancelled = event => { event.preventDefault(); reference.invokeMethodAsync('Cancelled').catch(() => { }); };
  let within = null;
  element.addEventListener('focusin', event => { within = event.target; });
  element.addEventListener('keydown', event => {
    if (event.key === 'Escape' && !event.defaultPrevented && !event.isComposing) cancelled(event);
  });
  element.addEventListener('cancel', event => { if (event.target === element) cancelled(event); });
  element.addEventListener('close', event => {
    if (event.target !== element || !element.isConnected) return;
    element.showModal();
    if (within?.isConnected) within.focus();
  });
  element.showModal();
  seekBoxes();
  (element.querySelector('[data-first]') ?? element.querySelector('.dialog-box :is(input, textarea, select):enabled')
    ?? element.querySelector('.dialog-actions button:not([disabled])') ?? element.querySelector('button'))?.focus();
}

export function focusFirstFault(element) {
  (element ?? document).querySelector('[aria-invalid=true]')?.focus();
}

/** Tells the page when the focus or the pointer has gone from an element to another. */
export function whenLeft(element, reference) {
  const tell = () => { if (element.isConnected) reference.invokeMethodAsync('Left').catch(() => { }); };
  let pressed = false;
  // In some browsers a link that is clicked gets no focus.
  element.addEventListener('pointerdown', () => { pressed = true; setTimeout(() => { pressed = false; }); });
  element.addEventListener('focusout', event => { if (!pressed && !element.contains(event.relatedTarget)) tell(); });
  const elsewhere = event => {
    if (!element.isConnected) document.removeEventListener('pointerdown', elsewhere);
    else if (!element.contains(event.target) && element.querySelector('[aria-expanded=true]')) tell();
  };
  document.addEventListener('pointerdown', elsewhere);
}

// ---- tables that are broader than the screen -----------------------------------------------------------------------------------------

// What scrolls must be reached by the keyboard; whether a table does, only the browser knows: at once for what is new, and again whenever
// it or what is in it gets another size (by a longer text, a turned phone, a font that has come).
const measured = new WeakSet();
const sizes = new ResizeObserver(entries => {
  for (const box of new Set(entries.map(x => x.target.closest('.table-box')))) if (box) measure(box);
});

function measure(box) {
  const scrolls = box.scrollWidth > box.clientWidth + 1;
  if (scrolls === !!box.dataset.scrolls) return;
  if (scrolls) {
    box.dataset.scrolls = 'yes';
    box.tabIndex = 0;
    box.setAttribute('role', 'group');
    box.setAttribute('aria-label', box.querySelector('caption')?.textContent || (chinese ? '表格' : 'Table'));
  } else {
    delete box.dataset.scrolls;
    for (const name of ['tabindex', 'role', 'aria-label']) box.removeAttribute(name);
  }
}

function seekBoxes() {
  // A phone shows the tabs in one line that scrolls: that of the page is seen.
  for (const tab of document.querySelectorAll('.tabs > .active')) if (!measured.has(tab)) {
    measured.add(tab);
    tab.parentElement.scrollLeft += tab.getBoundingClientRect().left - tab.parentElement.getBoundingClientRect().left - 40;
  }
  // The last of an address is what tells it from others.
  for (const field of document.querySelectorAll('[data-from-its-end]')) if (!measured.has(field) && field.value && field.clientWidth > 0) {
    measured.add(field);
    field.scrollLeft = field.scrollWidth;
  }
  for (const box of document.querySelectorAll('.table-box:not(.live)')) {
    const fresh = [box, ...box.children].filter(x => !measured.has(x));
    for (const part of fresh) {
      measured.add(part);
      sizes.observe(part);
    }
    if (fresh.length > 0) measure(box);
  }
}
new MutationObserver(seekBoxes).observe(document.body, { childList: true, subtree: true });
seekBoxes();

// ---- drafts -------------------------------------------------------------------------------------------------------------------------
// What is typed into a form is kept in this tab until it is saved or put away: a restart of the server loses nothing. Secrets are not kept.

export function readDraft(name) { return sessionStorage.getItem('draft:' + name); }
export function keepDraft(name, text) { try { sessionStorage.setItem('draft:' + name, text); } catch { /* full: the form still works */ } }
export function dropDraft(name) { sessionStorage.removeItem('draft:' + name); }

// ---- a week that is drawn in ---------------------------------------------------------------------------------------------------------

/** Seven rows of 96 quarters of an hour: a stretch is marked by dragging, or by arrows with Shift and then Space; the page does the rest. */
export function drawWeek(grid, reference) {
  const mark = grid.querySelector('[data-mark]');
  let [day, from, to, drawing] = [0, 32, 32, false];
  const tell = name => reference.invokeMethodAsync(name, day, from, to).catch(() => { });
  const within = (value, most) => Math.max(0, Math.min(most, value));
  // Of a form that only shows: it has no inputs here that the browser itself would disable.
  const closed = () => grid.closest('fieldset:disabled') !== null;
  const show = visible => {
    mark.setAttribute('x', Math.min(from, to));
    mark.setAttribute('y', day);
    mark.setAttribute('width', Math.abs(to - from) + 1);
    mark.setAttribute('visibility', visible ? 'visible' : 'hidden');
  };
  const place = event => {
    const box = grid.getBoundingClientRect();
    return [within(Math.floor((event.clientY - box.top) / box.height * 7), 6), within(Math.floor((event.clientX - box.left) / box.width * 96), 95)];
  };
  grid.addEventListener('pointerdown', event => {
    if (event.button !== 0 || closed()) return;
    grid.setPointerCapture(event.pointerId);
    [day, from] = place(event);
    [to, drawing] = [from, true];
    show(true);
  });
  grid.addEventListener('pointermove', event => {
    if (!drawing) return;
    const at = place(event)[1];
    if (at === to) return;
    to = at;
    show(true);
    tell('Moved');
  });
  grid.addEventListener('pointerup', () => { if (drawing) tell('Marked'); drawing = false; });
  grid.addEventListener('pointercancel', () => { drawing = false; show(false); });
  grid.addEventListener('focus', () => { show(true); if (!drawing) tell('Moved'); });
  grid.addEventListener('blur', () => show(false));
  grid.addEventListener('keydown', event => {
    const steps = { ArrowLeft: [0, -1], ArrowRight: [0, 1], ArrowUp: [-1, 0], ArrowDown: [1, 0], PageUp: [0, -4], PageDown: [0, 4], Home: [0, -95], End: [0, 95] };
    if (event.key in steps) {
      const [down, right] = steps[event.key];
      to = within(to + right, 95);
      if (!event.shiftKey) { from = to; day = within(day + down, 6); }
      show(true);
      tell('Moved');
    } else if (event.key !== ' ' && event.key !== 'Enter') return;
    else if (!closed()) tell('Marked');
    event.preventDefault();
  });
  grid.removeAttribute('aria-busy');
}

// ---- a period on a histogram ----------------------------------------------------------------------------------------------------------

/** Bars of a time: a stretch is marked by dragging, or by arrows with Shift and then Enter; the page does the rest. */
export function drawRange(grid, reference) {
  const mark = grid.querySelector('[data-mark]');
  let [from, to, drawing] = [0, 0, false];
  const last = () => Number(grid.dataset.bars) - 1;
  const within = value => Math.max(0, Math.min(last(), value));
  const tell = name => reference.invokeMethodAsync(name, from, to).catch(() => { });
  const show = visible => {
    mark.setAttribute('x', Math.min(from, to));
    mark.setAttribute('width', Math.abs(to - from) + 1);
    mark.setAttribute('visibility', visible ? 'visible' : 'hidden');
  };
  const place = event => {
    const box = grid.getBoundingClientRect();
    return within(Math.floor((event.clientX - box.left) / box.width * (last() + 1)));
  };
  grid.addEventListener('pointerdown', event => {
    if (event.button !== 0) return;
    grid.setPointerCapture(event.pointerId);
    from = to = place(event);
    drawing = true;
    show(true);
  });
  grid.addEventListener('pointermove', event => {
    if (!drawing || place(event) === to) return;
    to = place(event);
    show(true);
    tell('Moved');
  });
  grid.addEventListener('pointerup', () => { if (drawing) tell('Marked'); drawing = false; show(false); });
  grid.addEventListener('pointercancel', () => { drawing = false; show(false); });
  grid.addEventListener('blur', () => show(false));
  grid.addEventListener('keydown', event => {
    const steps = { ArrowLeft: -1, ArrowRight: 1, PageUp: -10, PageDown: 10, Home: -1e6, End: 1e6 };
    if (event.key in steps) {
      to = within(to + steps[event.key]);
      if (!event.shiftKey) from = to;
      show(true);
      tell('Moved');
    } else if (event.key === 'Enter' || event.key === ' ') tell('Marked');
    else return;
    event.preventDefault();
  });
  grid.removeAttribute('aria-busy');
}

// ---- text, files --------------------------------------------------------------------------------------------------------------------

/** Puts a text where the cursor is, and the cursor behind it; returns the whole text. */
export function insertAtCursor(element, text) {
  const [from, to] = [element.selectionStart ?? element.value.length, element.selectionEnd ?? element.value.length];
  element.setRangeText(text, from, to, 'end');
  element.focus();
  element.dispatchEvent(new Event('input', { bubbles: true }));
  return element.value;
}

let typedIn = null;
document.addEventListener('focusin', event => { if (event.target.matches?.('textarea, input[type=text]')) typedIn = event.target; });

// A button with data-insert puts a text into the field, within the element data-into, that somebody was in last, or else into its first: here, since
// whoever types on at once is faster than a slow line.
document.addEventListener('click', event => {
  const button = event.target.closest?.('[data-insert]');
  const part = button && document.getElementById(button.dataset.into);
  const field = part && (part.contains(typedIn) ? typedIn : part.querySelector('textarea') ?? part.querySelector('input[type=text]'));
  if (!field) return;
  insertAtCursor(field, button.dataset.insert);
  field.dispatchEvent(new Event('change', { bubbles: true }));
});

export async function copy(text) {
  try { await navigator.clipboard.writeText(text); return true; } catch { return false; }
}

// ---- times ----------------------------------------------------------------------------------------------------------------------------

// A time is typed into a text; the calendar and the clock are those of an input of the browser's own, which is not seen.
document.addEventListener('click', event => {
  const parts = event.target.closest?.('[data-pick]')?.parentElement;
  if (!parts) return;
  const [text, native] = parts.querySelectorAll('input');
  native.value = text.value.trim().replace(' ', 'T');
  native.onchange = () => {
    if (native.value === '') return;
    text.value = native.value.replace('T', ' ');
    for (const name of ['input', 'change', 'blur']) text.dispatchEvent(new Event(name, { bubbles: name !== 'blur' }));
  };
  try { native.showPicker(); } catch { text.focus(); }
});

// ---- critical alarms ----------------------------------------------------------------------------------------------------------------

let audio = null;

// What allows a sound is an action of the reader, in some browsers only while it is handled here.
document.addEventListener('click', event => { if (event.target.closest?.('[data-sound]')) maySound(); }, true);

/** Whether the browser lets this page play sounds. Where it does not, resume() stays open until it does. */
export async function maySound() {
  audio ??= new AudioContext();
  if (audio.state !== 'running') await Promise.race([audio.resume(), new Promise(done => setTimeout(done, 500))]);
  return audio.state === 'running';
}

/** A tone for a critical alarm, made here: 0.4 s, not loud. Returns whether it sounded. */
export async function tone() {
  if (!await maySound()) return false;
  const [sound, loudness] = [audio.createOscillator(), audio.createGain()];
  sound.frequency.value = 880;
  loudness.gain.setValueAtTime(0.15, audio.currentTime);
  loudness.gain.exponentialRampToValueAtTime(0.001, audio.currentTime + 0.4);
  sound.connect(loudness).connect(audio.destination);
  sound.start();
  sound.stop(audio.currentTime + 0.4);
  return true;
}

// Kept in this tab too, so that what is raised while the page is read anew is not taken for known.
let looked = JSON.parse(sessionStorage.getItem('urgent') ?? 'null');

/** The places of those in a list of alarms, each its id and the time since when, that are new since the last look at that list; null: it is the first. */
export function newSinceLastLook(list, alarms) {
  const known = looked?.list === list ? new Map(looked.alarms) : null;
  looked = { list, alarms };
  try { sessionStorage.setItem('urgent', JSON.stringify(looked)); } catch { /* full: only after a reload the look is the first */ }
  return known && alarms.flatMap(([id, since], place) => known.get(id) >= since ? [] : [place]);
}

// ---- lists that are in use ----------------------------------------------------------------------------------------------------------

export function isHidden() { return document.hidden; }

/** Whether somebody reads or uses a list just now, so that nothing in it may move: by the pointer, by the keyboard, or scrolled down. */
export function isInUse(list) {
  return !!list && (list.matches(':hover') || list.scrollTop > 2 || list.getBoundingClientRect().top < 0
    || (list.contains(document.activeElement) && document.activeElement.matches(':focus-visible')));
}

export function setAddress(path) { history.replaceState(history.state, '', path); }

// ---- requests of the browser itself -------------------------------------------------------------------------------------------------
// What signs somebody in or out sets a cookie, so the browser asks the API by itself.

export async function send(method, path, body) {
  const answer = await fetch('api/v1/' + path, {
    method,
    headers: { 'Accept-Language': chinese ? 'zh' : 'en', ...(body === undefined || body === null ? {} : { 'Content-Type': 'application/json' }) },
    body: body === undefined || body === null ? undefined : typeof body === 'string' ? body : JSON.stringify(body),
  });
  return { status: answer.status, body: await answer.text() };
}

export async function signOut() {
  await send('DELETE', 'session');
  for (const name of Object.keys(sessionStorage).filter(x => x.startsWith('draft:') || x === 'urgent')) sessionStorage.removeItem(name);
  location.assign('sign-in');
}

// ---- forms that work without a connection: sign in, set-up --------------------------------------------------------------------------

function explain(form, problem) {
  for (const old of form.querySelectorAll('.fault')) old.remove();
  for (const field of form.elements) field.removeAttribute?.('aria-invalid');
  const box = form.querySelector('[data-problem]');
  const errors = Object.entries(problem.errors ?? {});
  let rest = errors.length === 0 ? [problem.detail ?? problem.title] : [];
  for (const [name, texts] of errors) {
    const field = form.elements.namedItem(name);
    if (!field) { rest.push(...texts); continue; }
    const fault = document.createElement('p');
    fault.className = 'fault';
    fault.id = `${name}-fault`;
    fault.textContent = texts.join(' ');
    field.setAttribute('aria-invalid', 'true');
    field.setAttribute('aria-describedby', fault.id);
    field.closest('.field').append(fault);
  }
  box.textContent = rest.join(' ');
  box.hidden = rest.length === 0;
  form.querySelector('[aria-invalid=true]')?.focus();
}

function valuesOf(form) {
  const values = {};
  for (const field of form.elements) if (field.name && field.value !== '' && !field.closest('[hidden]')) values[field.name] = field.value;
  return values;
}

async function submit(form, path, done) {
  const button = form.querySelector('button[type=submit]');
  button.disabled = true;
  try {
    const answer = await send('POST', path, valuesOf(form));
    const body = answer.body ? JSON.parse(answer.body) : {};
    if (answer.status < 300) { done(body); return; }
    if (body.errors?.code && form.querySelector('[data-code]')?.hidden) {
      const code = form.querySelector('[data-code]');
      code.hidden = false;
      explain(form, { errors: {}, detail: '' });
      code.querySelector('input').focus();
      return;
    }
    explain(form, body);
  } catch {
    explain(form, { detail: form.dataset.unreachable });
  } finally {
    button.disabled = false;
  }
}

/** Whoever submits before this is there would send the form by the browser itself: until then its button is disabled. */
function onSubmit(form, act) {
  form.addEventListener('submit', event => { event.preventDefault(); act(); });
  form.querySelector('button[type=submit]').disabled = false;
}

/** A place of Notify's own; the Overview instead of any other. */
function placeOf(to) {
  try {
    const place = new URL(to, document.baseURI);
    if (place.origin === location.origin) return place;
  } catch { /* It is no address at all. */ }
  return new URL(document.baseURI);
}

// Where whoever signs in came for. What must not be sent to the server stands behind the #.
function wanted() { return new URLSearchParams(location.search).get('to'); }
function wantedUnsent() { return new URLSearchParams(location.hash.slice(1)).get('to'); }

function goOn() { location.assign(placeOf(wanted() ?? wantedUnsent() ?? '')); }

const afterProvider = 'sign-in:to';

/** The server leads back from the identity provider. A place that it must not know, or that is longer than it takes, is remembered in this tab. */
function leaveForProvider(link) {
  const place = placeOf(wanted() ?? wantedUnsent() ?? '');
  let back = place.pathname + place.search + place.hash;
  if ((wanted() === null && wantedUnsent() !== null) || back.length > 1000) {
    sessionStorage.setItem(afterProvider, back);
    back = base() + 'sign-in';
  }
  link.search = new URLSearchParams({ returnUrl: back });
}

async function returnFromProvider() {
  const to = sessionStorage.getItem(afterProvider);
  if (to === null) return;
  sessionStorage.removeItem(afterProvider);
  if ((await send('GET', 'session')).status === 200) location.replace(placeOf(to));
}

const signIn = document.querySelector('form[data-form=sign-in]');
if (signIn) {
  send('GET', 'session/set-up').then(answer => { if (answer.status === 200 && JSON.parse(answer.body).needed) location.replace('set-up'); }).catch(() => { });
  onSubmit(signIn, () => submit(signIn, 'session', goOn));
  document.querySelector('[data-passkey]')?.addEventListener('click', () => withPasskey(signIn));
  document.querySelector('[data-provider]')?.addEventListener('click', event => leaveForProvider(event.currentTarget));
  returnFromProvider().catch(() => explain(signIn, { detail: signIn.dataset.unreachable }));
}

const setUp = document.querySelector('form[data-form=set-up]');
if (setUp) onSubmit(setUp, () => {
  const values = valuesOf(setUp);
  submit(setUp, 'session/set-up', async () => {
    const signedIn = await send('POST', 'session', { userName: values.userName, password: values.password });
    if (signedIn.status < 300) location.assign('./'); else location.assign('sign-in');
  });
});

// ---- passkeys -----------------------------------------------------------------------------------------------------------------------

export function hasPasskeys() { return 'PublicKeyCredential' in window && 'parseRequestOptionsFromJSON' in PublicKeyCredential; }
if (!hasPasskeys()) document.querySelector('[data-passkey]')?.remove();

/** What the authenticator has made of the options, as JSON; null: nothing, by whatever reason (browsers tell none). */
export async function createPasskey(options) {
  try {
    return JSON.stringify(await navigator.credentials.create({ publicKey: PublicKeyCredential.parseCreationOptionsFromJSON(JSON.parse(options)) }));
  } catch {
    return null;
  }
}

async function withPasskey(form) {
  try {
    const options = await send('POST', 'session/passkey/options');
    const asked = JSON.parse(options.body);
    if (options.status >= 300) { explain(form, asked); return; }
    const credential = await navigator.credentials.get({ publicKey: PublicKeyCredential.parseRequestOptionsFromJSON(asked.options) });
    const answer = await send('POST', 'session/passkey', { state: asked.state, credential });
    if (answer.status < 300) goOn(); else explain(form, JSON.parse(answer.body));
  } catch (fault) {
    if (fault.name !== 'NotAllowedError') explain(form, { detail: form.dataset.unreachable });
  }
}
