'use strict';
// Both markdown dialects to HTML. The source is escaped first; the only tags are the ones written here.

const escape = text => String(text ?? '').replace(/[&<>"'`]/g, c => `&#${c.charCodeAt(0)};`);

const safeUrl = url => /^https?:\/\//i.test(url);
const anchorTag = url => `<a href="${url}" target="_blank" rel="noreferrer noopener">`;
const link = (label, url) => safeUrl(url) ? `${anchorTag(url)}${label}</a>` : label;
const mention = text => text.replace(/&#60;@([^&\s]+)&#62;/g, '<span class="mention">@$1</span>');

/** Inline markup of both dialects, on text that is already escaped. Code and addresses are set aside so that nothing inside them is touched. */
function inline(text, dialect) {
  const aside = [];
  const keep = markup => `\u0000${aside.push(markup) - 1}\u0000`;
  let out = text.replace(/&#96;([^\n]+?)&#96;/g, (_, code) => keep(`<code>${code}</code>`));
  if (dialect === 'markdown_v2')
    out = out.replace(/!\[([^\]]*)\]\(([^)\s]+)\)/g, (_, alt) => keep(`<span class="picture">${alt || words.picture}</span>`));
  out = out.replace(/\[([^\]]+)\]\(([^)\s]+)\)/g, (_, label, url) => safeUrl(url) ? `${keep(anchorTag(url))}${label}</a>` : label);
  out = out.replace(/\*\*(.+?)\*\*/g, '<strong>$1</strong>');
  if (dialect === 'markdown_v2') {
    out = out.replace(/(^|[^*\w])\*([^*\s][^*]*)\*/g, '$1<em>$2</em>').replace(/(^|[^_\w])_([^_\s][^_]*)_(?!\w)/g, '$1<em>$2</em>');
  } else {
    out = mention(out);
    const font = /&#60;font color=(?:&#34;|&#39;)(info|comment|warning)(?:&#34;|&#39;)&#62;([\s\S]*?)&#60;\/font&#62;/g;
    out = out.replace(font, '<span class="$1">$2</span>');
  }
  // Twice: what was set aside may hold something set aside before it.
  for (let i = 0; i < 2; i++) out = out.replace(/\u0000(\d+)\u0000/g, (_, index) => aside[index]);
  return out;
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
