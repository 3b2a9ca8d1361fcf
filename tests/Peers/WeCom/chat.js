'use strict';
// The rooms, their messages, and following what comes in. Received text enters as text nodes, or through escape().

const words = navigator.language.startsWith('zh')
  ? { subtitle: '模拟平台', groups: '群聊', people: '成员', dingtalk: '钉钉', feishu: '飞书', sms: '短信', mail: '邮件', webhook: 'Webhook', from: '发件人', to: '收件人', empty: '还没有消息', messages: n => `${n} 条消息`, picture: '图片',
      totals: c => `已显示 ${c.shown} · 已拒绝 ${c.rejected} · 故障 ${c.faulted}`, rejected: '已拒绝', notShown: '未显示',
      duplicate: '重复消息，未显示', dropped: '超过成员频率，已丢弃', unreachable: '无法送达', shownBut: '已显示，但', robot: '机器人',
      unknown: '未知机器人', unknownApp: '未知应用', lost: '连接已断开', today: '今天' }
  : { subtitle: 'stand-in', groups: 'Groups', people: 'People', dingtalk: 'DingTalk', feishu: 'Feishu', sms: 'SMS', mail: 'Mail', webhook: 'Webhook', from: 'From', to: 'To', empty: 'No messages yet', messages: n => n === 1 ? '1 message' : `${n} messages`,
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

function room(kind, name) {
  const id = `${kind}:${kind === 'people' ? name.toLowerCase() : name}`;
  if (!rooms.has(id)) rooms.set(id, { id, kind, name, messages: [], total: 0, unread: 0 });
  return rooms.get(id);
}

function roomsOf(message) {
  if (message.platform) return [room(message.platform, message.group)];
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
  const sender = message.platform ? message.appName : message.channel === 'Robot' ? words.robot : message.appName ?? words.unknownApp;
  const body = make('div', 'body', make('div', 'meta', `${sender}  ${clock(message.at)}`), bubble(message));
  if (why) body.append(make('span', 'fate', why));
  return make('article', `message${seen ? '' : ' unseen'}${message.platform ? ` of-${message.platform}` : ''}`, avatar(sender), body);
}

function drawRooms() {
  const nav = byId('rooms');
  const focused = document.activeElement?.dataset?.room;
  nav.replaceChildren();
  for (const kind of ['groups', 'people', 'dingtalk', 'feishu', 'sms', 'mail', 'webhook']) {
    const some = [...rooms.values()].filter(one => one.kind === kind)
      .sort((a, b) => (b.messages.at(-1)?.number ?? 0) - (a.messages.at(-1)?.number ?? 0) || a.name.localeCompare(b.name));
    if (some.length) nav.append(make('h3', `of-${kind}`, words[kind]));
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
