'use strict';
// One bubble for each message type.

function plain(content, lists) {
  let markup = mention(escape(content)).replace(/https?:\/\/[^\s<&\u3000-\u303f\uff00-\uffef]+(?:&#38;[^\s<&\u3000-\u303f\uff00-\uffef]+)*/g, url => link(url, url));
  markup = markup.replace(/&#60;a href=(?:&#34;|&#39;)(?:<a [^>]*>)?([^<&]*(?:&#38;[^<&]*)*)(?:<\/a>)?(?:&#34;|&#39;)&#62;([\s\S]*?)&#60;\/a&#62;/g, (_, url, label) => link(label, url));
  const bubble = html('div', 'bubble plain', markup);
  for (const who of lists) bubble.append(' ', make('span', 'mention', `@${String(who).replace(/^@/, '')}`));
  return bubble;
}

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

/** Of the platforms beside WeCom. */
function otherBubble(message) {
  switch (message.platform) {
    case 'mail': {
      const [subject, ...lines] = message.text.split('\n');
      return make('div', 'bubble', make('dl', '', make('dt', '', words.from), make('dd', '', message.appName), make('dt', '', words.to), make('dd', '', message.group)),
        make('h4', '', subject), plain(lines.join('\n').trim(), []));
    }
    case 'webhook': {
      let json = message.text;
      try { json = JSON.stringify(JSON.parse(message.text), null, 2); } catch { /* shown as it came */ }
      return make('div', 'bubble', make('pre', '', make('code', '', json)));
    }
    case 'sms': return plain(message.text, []);
    default: return message.msgType.includes('ext') ? plain(message.text, []) : html('div', 'bubble', markdown(message.text, 'markdown_v2'));
  }
}

function bubble(message) {
  if (message.platform) return otherBubble(message);
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
