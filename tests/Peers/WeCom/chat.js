'use strict';
// Everything received reaches the page as text nodes or through escape(); tags are only ones written here.

const words = navigator.language.startsWith('zh')
  ? { subtitle: '模拟平台', groups: '群聊', people: '成员', empty: '还没有消息', messages: n => `${n} 条消息`, picture: '图片',
      totals: c => `已显示 ${c.shown} · 已拒绝 ${c.rejected} · 故障 ${c.faulted}`, rejected: '已拒绝', notShown: '未显示',
      duplicate: '重复消息，未显示', dropped: '超过成员频率，已丢弃', unreachable: '无法送达', shownBut: '已显示，但', robot: '机器人',
      unknown: '未知机器人', unknownApp: '未知应用', lost: '连接已断开', today: '今天' }
  : { subtitle: 'stand-in', groups: 'Groups', people: 'People', empty: 'No messages yet', messages: n => n === 1 ? '1 message' : `${n} messages`,
      picture: 'picture', totals: c => `${c.shown} shown · ${c.rejected} rejected · ${c.faulted} faults`, rejected: 'rejected', notShown: 'not shown',
      duplicate: 'duplicate, not shown', dropped: 'over the member’s rate, dropped', unreachable: 'not reachable', shownBut: 'shown, but', robot: 'Robot',
      unknown: 'Unknown robot', unknownApp: 'Unknown app', lost: 'connection lost', today: 'Today' };

const keep = 500;
const rooms = new Map();
let current = null;
let last = 0;
let epoch = '';
let loaded = false;
const byId = id => document.getElementById(id);
byId('subtitle').textContent = words.subtitle;

function make(tag, className, ...children) {
  const element = document.createElement(tag);
  if (className) element.className = className;
  element.append(...children.filter(child => child !== null && child !== undefined && child !== ''));
  return element;
}

const escape = text => String(text ?? '').replace(/[&<>"'`]/g, c => `&#${c.charCodeAt(0)};`);

function html(tag, className, markup) {
  const element = make(tag, className);
  element.innerHTML = markup;
  return element;
}

function avatar(name) {
  let sum = 0;
  for (const c of name) sum = (sum * 31 + c.codePointAt(0)) >>> 0;
  return make('span', `avatar hue${sum % 6}`, [...name][0] ?? '?');
}

// --- text and markdown ---------------------------------------------------------------------------------------------

const safeUrl = url => /^https?:\/\//i.test(url);
const link = (label, url) => safeUrl(url.replace(/&#38;/g, '&'))
  ? `<a href="${url}" target="_blank" rel="noreferrer noopener">${label}</a>` : label;
const mention = text => text.replace(/&#60;@([^&\s]+)&#62;/g, '<span class="mention">@$1</span>');

/** Inline markup of both dialects, on text that is already escaped. Code spans are set aside so that nothing inside them is touched. */
function inline(text, dialect) {
  const codes = [];
  let out = text.replace(/&#96;([^\n]+?)&#96;/g, (_, code) => `\u0000${codes.push(code) - 1}\u0000`);
  if (dialect === 'markdown_v2')
    out = out.replace(/!\[([^\]]*)\]\(([^)\s]+)\)/g, (_, alt) => `<span class="picture">${alt || words.picture}</span>`);
  out = out.replace(/\[([^\]]+)\]\(([^)\s]+)\)/g, (_, label, url) => link(label, url));
  out = out.replace(/\*\*(.+?)\*\*/g, '<strong>$1</strong>');
  if (dialect === 'markdown_v2') {
    out = out.replace(/(^|[^*\w])\*([^*\s][^*]*)\*/g, '$1<em>$2</em>').replace(/(^|[^_\w])_([^_\s][^_]*)_(?!\w)/g, '$1<em>$2</em>');
  } else {
    out = mention(out);
    out = out.replace(/&#60;font color=(?:&#34;|&#39;)(info|comment|warning)(?:&#34;|&#39;)&#62;([\s\S]*?)&#60;\/font&#62;/g, '<span class="$1">$2</span>');
  }
  return out.replace(/\u0000(\d+)\u0000/g, (_, i) => `<code>${codes[i]}</code>`);
}

function markdown(source, dialect) {
  const lines = escape(source).replace(/\u0000/g, '').split('\n');
  const v2 = dialect === 'markdown_v2';
  const out = [];
  const text = line => inline(line, dialect);
  for (let i = 0; i < lines.length; i++) {
    const line = lines[i];
    let match;
    if (v2 && line.startsWith('&#96;&#96;&#96;')) {
      const code = [];
      while (++i < lines.length && !lines[i].startsWith('&#96;&#96;&#96;')) code.push(lines[i]);
      out.push(`<pre><code>${code.join('\n')}</code></pre>`);
    } else if ((match = /^(#{1,6}) (.+)$/.exec(line))) {
      const tag = match[1].length < 3 ? 'h3' : 'h4';
      out.push(`<${tag}>${text(match[2])}</${tag}>`);
    } else if (/^(&#62; ?)+/.test(line)) {
      const depth = v2 ? Math.min(3, line.match(/^(&#62; ?)+/)[0].split('&#62;').length - 1) : 1;
      const rest = line.replace(v2 ? /^(&#62; ?){1,3}/ : /^&#62; ?/, '');
      out.push(`${'<blockquote>'.repeat(depth)}${text(rest) || '&nbsp;'}${'</blockquote>'.repeat(depth)}`);
    } else if (v2 && /^(-{3,}|\*{3,})$/.test(line.trim())) {
      out.push('<hr>');
    } else if (v2 && line.includes('|') && /^[\s|:-]*-[\s|:-]*$/.test(lines[i + 1] ?? '')) {
      const cells = row => row.trim().replace(/^\||\|$/g, '').split('|').map(cell => text(cell.trim()));
      let table = `<tr>${cells(line).map(cell => `<th>${cell}</th>`).join('')}</tr>`;
      i++;
      while ((lines[i + 1] ?? '').includes('|')) table += `<tr>${cells(lines[++i]).map(cell => `<td>${cell}</td>`).join('')}</tr>`;
      out.push(`<div class="table"><table>${table}</table></div>`);
    } else if (v2 && /^\s*([-*+]|\d+\.) /.test(line)) {
      const [list, next] = listFrom(lines, i, text);
      out.push(list);
      i = next - 1;
    } else {
      out.push(`<p>${text(line)}</p>`);
    }
  }
  return out.join('');
}

function listFrom(lines, start, text) {
  const item = /^(\s*)([-*+]|\d+\.) (.*)$/;
  const indent = item.exec(lines[start])[1].length;
  const tag = /\d/.test(item.exec(lines[start])[2]) ? 'ol' : 'ul';
  let out = `<${tag}>`;
  let i = start;
  while (i < lines.length) {
    const match = item.exec(lines[i]);
    if (!match || match[1].length < indent) break;
    if (match[1].length > indent) {
      const [inner, next] = listFrom(lines, i, text);
      out += inner;
      i = next;
    } else {
      out += `<li>${text(match[3])}</li>`;
      i++;
    }
  }
  return [`${out}</${tag}>`, i];
}

function plain(content, lists) {
  let markup = mention(escape(content)).replace(/https?:\/\/[^\s<&\u3000-\u303f\uff00-\uffef]+(?:&#38;[^\s<&\u3000-\u303f\uff00-\uffef]+)*/g, url => link(url, url));
  markup = markup.replace(/&#60;a href=(?:&#34;|&#39;)(?:<a [^>]*>)?([^<&]*(?:&#38;[^<&]*)*)(?:<\/a>)?(?:&#34;|&#39;)&#62;([\s\S]*?)&#60;\/a&#62;/g, (_, url, label) => link(label, url));
  const bubble = html('div', 'bubble plain', markup);
  for (const who of lists) bubble.append(' ', make('span', 'mention', `@${String(who).replace(/^@/, '')}`));
  return bubble;
}

// --- cards and pictures --------------------------------------------------------------------------------------------

function anchor(label, url, className) {
  if (!safeUrl(String(url ?? ''))) return make('span', className, label);
  const element = make('a', className, label);
  element.href = url;
  element.target = '_blank';
  element.rel = 'noreferrer noopener';
  return element;
}

const list = value => Array.isArray(value) ? value : [];

function card(c) {
  const inner = make('div', 'inner');
  const add = (value, tag, className) => { if (value) inner.append(make(tag, className, String(value))); };
  add(c.source?.desc, 'div', `source c${Number(c.source?.desc_color) || 0}`);
  if (c.card_image) inner.append(make('div', 'picture', words.picture));
  add(c.main_title?.title, 'div', 'cardtitle');
  add(c.main_title?.desc, 'div', 'desc');
  if (c.emphasis_content) inner.append(make('div', 'emphasis', make('b', '', String(c.emphasis_content.title ?? '')), make('span', 'desc', String(c.emphasis_content.desc ?? ''))));
  if (c.image_text_area) inner.append(make('div', 'quote', make('strong', '', String(c.image_text_area.title ?? '')), make('div', 'desc', String(c.image_text_area.desc ?? ''))));
  if (c.quote_area) inner.append(make('div', 'quote', make('strong', '', String(c.quote_area.title ?? '')), make('div', 'desc', String(c.quote_area.quote_text ?? ''))));
  add(c.sub_title_text, 'div', 'desc');
  for (const row of list(c.vertical_content_list)) { add(row.title, 'strong', ''); add(row.desc, 'div', 'desc'); }
  if (list(c.horizontal_content_list).length) {
    const pairs = make('dl');
    for (const row of list(c.horizontal_content_list))
      pairs.append(make('dt', '', String(row.keyname ?? '')), make('dd', row.type === 3 ? 'mention' : '', row.type === 1 ? anchor(String(row.value ?? row.url), row.url) : String(row.value ?? row.userid ?? '')));
    inner.append(pairs);
  }
  const jumps = make('div', 'jumps', ...list(c.jump_list).map(jump => anchor(String(jump.title ?? ''), jump.url)));
  if (c.card_action?.url) jumps.append(anchor(String(c.card_action.url), c.card_action.url));
  return make('div', 'bubble card', inner, jumps);
}

function textCard(c) {
  const inner = make('div', 'inner', make('div', 'cardtitle', String(c.title ?? '')), make('div', 'desc', String(c.description ?? '').replace(/<[^>]*>/g, '')));
  return make('div', 'bubble card', inner, make('div', 'jumps', anchor(String(c.btntxt || c.url || ''), c.url)));
}

function news(articles) {
  const inner = make('div', 'inner');
  for (const article of articles) {
    if (article.picurl) inner.append(make('div', 'picture', words.picture));
    inner.append(make('div', 'cardtitle', anchor(String(article.title ?? ''), article.url)), make('div', 'desc', String(article.description ?? '')));
  }
  return make('div', 'bubble card', inner);
}

function image(content) {
  if (!/^[A-Za-z0-9+/=]+$/.test(content.base64 ?? '')) return make('div', 'bubble plain', `[${words.picture}]`);
  const picture = make('img');
  picture.alt = words.picture;
  picture.src = `data:image/${content.base64.startsWith('iVBOR') ? 'png' : 'jpeg'};base64,${content.base64}`;
  return make('div', 'bubble', picture);
}

function bubble(message) {
  let body = null;
  try { body = JSON.parse(message.body); } catch { /* shown as it came */ }
  const content = body?.[message.msgType];
  if (!content || typeof content !== 'object') return make('div', 'bubble plain', (message.text || message.body || '…').slice(0, 4000));
  switch (message.msgType) {
    case 'markdown':
    case 'markdown_v2': return html('div', 'bubble', markdown(message.text, message.msgType));
    case 'template_card': return card(content);
    case 'textcard': return textCard(content);
    case 'news': return news(list(content.articles));
    case 'image': return image(content);
    case 'text': return plain(message.channel === 'App' ? message.text : content.content ?? '', [...list(content.mentioned_list), ...list(content.mentioned_mobile_list)]);
    default: return make('div', 'bubble plain', message.text);
  }
}

// --- rooms ---------------------------------------------------------------------------------------------------------

function room(kind, name) {
  const id = `${kind}:${kind === 'people' ? name.toLowerCase() : name}`;
  if (!rooms.has(id)) rooms.set(id, { id, kind, name, messages: [], total: 0, unread: 0 });
  return rooms.get(id);
}

function roomsOf(message) {
  if (message.channel === 'Robot') return [room('groups', message.group ?? words.unknown)];
  const people = new Map();
  for (const user of [...message.shownTo, ...message.droppedFor, ...message.toUser])
    if (!people.has(user.toLowerCase())) people.set(user.toLowerCase(), user);
  if (people.size > 1) people.delete('@all');
  return people.size ? [...people.values()].map(user => room('people', user)) : [room('people', message.appName ?? words.unknownApp)];
}

const has = (users, name) => users.some(user => user.toLowerCase() === name.toLowerCase());

/** Why this room did not see the message; '' if it did and nothing was odd. */
function fate(message, inRoom) {
  if (message.errCode) return [message.delivered, `${message.errCode} ${words.rejected} · ${(message.errMsg ?? '').split(', hint:')[0]}`];
  if (message.duplicate) return [false, words.duplicate];
  if (!message.delivered && message.fault) return [false, `${message.fault} · ${words.notShown}`];
  if (has(message.droppedFor, inRoom.name)) return [false, words.dropped];
  if (message.channel === 'App' && !has(message.shownTo, inRoom.name)) return [false, words.unreachable];
  return [true, message.fault ? `${words.shownBut} ${message.fault}` : ''];
}

const clock = at => new Date(at).toLocaleTimeString([], { hour: '2-digit', minute: '2-digit', second: '2-digit', hour12: false });

function dayOf(at) {
  const date = new Date(at);
  return date.toDateString() === new Date().toDateString() ? words.today : date.toLocaleDateString();
}

function messageElement(message, inRoom) {
  const [seen, why] = fate(message, inRoom);
  const sender = message.channel === 'Robot' ? words.robot : message.appName ?? words.unknownApp;
  const body = make('div', 'body', make('div', 'meta', `${sender}  ${clock(message.at)}`), bubble(message));
  if (why) body.append(make('span', 'fate', why));
  return make('article', seen ? 'message' : 'message unseen', avatar(sender), body);
}

function drawRooms() {
  const nav = byId('rooms');
  const focused = document.activeElement?.dataset?.room;
  nav.replaceChildren();
  for (const kind of ['groups', 'people']) {
    const some = [...rooms.values()].filter(one => one.kind === kind)
      .sort((a, b) => (b.messages.at(-1)?.number ?? 0) - (a.messages.at(-1)?.number ?? 0) || a.name.localeCompare(b.name));
    if (some.length) nav.append(make('h3', '', words[kind]));
    for (const one of some) {
      const newest = one.messages.at(-1);
      const button = make('button', '', avatar(one.name),
        make('span', '', make('div', 'name', one.name), make('div', 'last', newest ? newest.text.replace(/<[^>]*>|[#*`>]/g, '').replace(/\s+/g, ' ').trim().slice(0, 60) : '')),
        make('span', 'when', newest ? clock(newest.at).slice(0, 5) : '', one.unread ? make('span', 'unread', one.unread > 99 ? '99+' : String(one.unread)) : null));
      button.type = 'button';
      button.dataset.room = one.id;
      button.setAttribute('aria-current', one === current);
      button.onclick = () => open(one, true);
      nav.append(button);
      if (one.id === focused) button.focus({ preventScroll: true });
    }
  }
}

function drawMessages() {
  const pane = byId('messages');
  byId('title').textContent = current?.name ?? '';
  byId('count').textContent = current ? words.messages(current.total) : '';
  pane.replaceChildren();
  current?.messages.forEach(append);
  if (!current?.messages.length) pane.append(make('p', 'empty', words.empty));
  pane.scrollTop = pane.scrollHeight;
}

function append(message) {
  const pane = byId('messages');
  pane.querySelector('.empty')?.remove();
  const day = dayOf(message.at);
  if (pane.dataset.day !== day || !pane.querySelector('.day')) pane.append(make('div', 'day', day));
  pane.dataset.day = day;
  pane.append(messageElement(message, current));
  while (pane.childElementCount > 2 * keep) pane.firstElementChild.remove();
}

function open(one, byHand) {
  current = one;
  one.unread = 0;
  if (byHand) document.body.classList.add('open');
  drawRooms();
  drawMessages();
}

byId('back').onclick = () => document.body.classList.remove('open');

// --- following -----------------------------------------------------------------------------------------------------

function take(messages, first) {
  const pane = byId('messages');
  const atEnd = pane.scrollHeight - pane.scrollTop - pane.clientHeight < 60;
  for (const message of messages) {
    last = Math.max(last, message.number);
    for (const one of roomsOf(message)) {
      one.messages.push(message);
      one.total++;
      if (one.messages.length > keep) one.messages.shift();
      if (one === current) {
        append(message);
        byId('count').textContent = words.messages(one.total);
      } else if (!first) {
        one.unread++;
      }
    }
  }
  if (atEnd) pane.scrollTop = pane.scrollHeight;
}

const get = async url => (await fetch(url)).json();

async function follow() {
  try {
    const [known, counters, messages] = await Promise.all([
      get('/_control/rooms'), get('/_control/counters'), get(`/_control/received?since=${last}&limit=${keep}`)]);
    if (epoch && epoch !== known.epoch) location.reload();
    epoch = known.epoch;
    const before = rooms.size;
    known.groups.forEach(name => room('groups', name));
    known.people.forEach(name => room('people', name));
    take(messages, !loaded);
    loaded = true;
    byId('totals').textContent = words.totals(counters);
    if (!current && rooms.size) {
      const fullest = [...rooms.values()].find(one => one.messages.length) ?? rooms.values().next().value;
      open(rooms.get(decodeURIComponent(location.hash.slice(1))) ?? fullest, location.hash.length > 1);
    } else if (messages.length || rooms.size !== before) {
      drawRooms();
    }
    if (!rooms.size) drawMessages();
  } catch {
    byId('totals').textContent = words.lost;
  }
  setTimeout(follow, 1000);
}

follow();
