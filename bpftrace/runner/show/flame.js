// SPDX-License-Identifier: Apache-2.0
// Draws the pictures of a document that flame_svg.c wrote: frames are decoded from each one's <metadata>, whose texts
// are data and never markup here. A click on a frame zooms into it, a click on one of its callers, out. Roots are at
// the bottom, or on top where a picture is higher than the window.
(() => {
'use strict';

const SVG = 'http://www.w3.org/2000/svg', HTML = 'http://www.w3.org/1999/xhtml';
const ROW = 18, MARGIN = 16, TOP = 50, CELL = 7.3, LEAST = 0.5, NARROWEST = 640, BASE = 42;
const root = document.currentScript.closest('svg');

// The digits of a number, as flame_svg.c has them: those from BASE on say that another one follows.
const DIGITS = [];
for (let code = 40, digit = 0; code < 127; code++) {
  if (!'<>\\'.includes(String.fromCharCode(code))) DIGITS[code] = digit++;
}

function make(parent, tag, attributes, text) {
  const element = document.createElementNS(SVG, tag);
  for (const name in attributes) element.setAttribute(name, attributes[name]);
  if (text !== undefined) element.textContent = text;
  parent.appendChild(element);
  return element;
}

function reader(text) {
  let at = 0;
  return {
    more: () => at < text.length,
    number() {
      for (let value = 0, scale = 1; ; scale *= BASE) {
        const digit = DIGITS[text.charCodeAt(at++)];
        if (!(digit >= BASE)) return value + digit * scale;
        value += (digit - BASE) * scale;
      }
    },
  };
}

// Frames as arrays, each in front of those that it calls; end is the index behind the last one of these.
function decode(names, stacks) {
  const frames = {name: [-1], parent: [0], depth: [0], total: [0], begin: [0], end: []};
  const {name, parent, depth, total, begin, end} = frames;
  const path = [0], from = reader(stacks);

  while (from.more()) {
    path.length -= from.number();
    for (let left = from.number(); left > 0; left--) {
      parent.push(path[path.length - 1]);
      depth.push(path.length);
      path.push(name.length);
      name.push(from.number());
      total.push(0);
    }
    total[path[path.length - 1]] += from.number();
  }
  for (let i = name.length - 1; i >= 0; i--) {
    end[i] = Math.max(end[i] || 0, i + 1);
    if (i) total[parent[i]] += total[i];
    if (i) end[parent[i]] = Math.max(end[parent[i]] || 0, end[i]);
  }
  const next = [0];
  for (let i = 1; i < name.length; i++) {
    next[i] = begin[i] = next[parent[i]];
    next[parent[i]] += total[i];
  }
  frames.text = i => i ? names[name[i]].slice(2) : 'all';
  frames.style = i => i ? names[name[i]].slice(0, 2) : 'a0';
  return frames;
}

// As much of a text as fits; wide characters are taken for two.
function fit(text, width) {
  let left = Math.floor((width - 6) / CELL), fitting = '';

  if (left < 3) return '';
  for (const character of text) {
    left -= character > '~' ? 2 : 1;
    if (left < (fitting.length + character.length < text.length ? 1 : 0)) return fitting + '…';
    fitting += character;
  }
  return fitting;
}

class Picture {
  constructor(group) {
    const names = group.querySelector('.names').textContent.split('\n');

    this.frames = decode(names, group.querySelector('.stacks').textContent);
    this.names = names;
    this.group = group;
    this.details = group.querySelector('.details');
    this.summary = this.details.textContent;
    this.rows = Number(group.getAttribute('data-rows'));
    this.matched = make(group, 'text', {class: 'matched', y: 38});
    this.layer = group.querySelector('.static');
    this.zoomed = this.at = 0;
    this.hits = null;
    this.flipped = TOP + this.rows * ROW > window.innerHeight;
    group.setAttribute('tabindex', '0');
    group.addEventListener('click', event => this.point(event.target, i => this.zoom(i)));
    group.addEventListener('mouseover', event => this.point(event.target, i => this.describe(i, event.target)));
    group.addEventListener('mouseout', () => this.say(this.summary));
    group.addEventListener('keydown', event => this.key(event));
  }

  point(target, act) {
    if (target.frame !== undefined) act(target.frame);
  }

  put(layer, i, x, width, style) {
    const depth = this.frames.depth[i], y = TOP + (this.flipped ? depth : this.rows - 1 - depth) * ROW;
    const gap = width > 3 ? 0.5 : 0;
    const box = make(layer, 'rect', {class: this.frames.style(i) + style, x: (MARGIN + x).toFixed(2), y,
      width: (width - gap).toFixed(2), height: ROW - 1, rx: 1.5});
    const text = fit(this.frames.text(i), width);

    box.frame = i;
    if (text) make(layer, 'text', {x: (MARGIN + x + 3).toFixed(2), y: y + 13}, text);
  }

  style(i) {
    return (this.hits && i && this.hits[this.frames.name[i]] ? ' hit' : '') + (i === this.at && i ? ' at' : '');
  }

  draw() {
    const {parent, total, begin, end} = this.frames;
    const layer = document.createElementNS(SVG, 'g');
    const width = pageWidth() - 2 * MARGIN, scale = width / total[this.zoomed];
    const left = begin[this.zoomed];

    layer.setAttribute('class', this.hits ? 'frames searched' : 'frames');
    for (let i = this.zoomed; i; i = parent[i]) this.put(layer, parent[i], 0, width, this.style(parent[i]) + ' up');
    for (let i = this.zoomed; i < end[this.zoomed];) {
      const wide = total[i] * scale;

      if (wide >= LEAST) this.put(layer, i, (begin[i] - left) * scale, wide, this.style(i));
      i = wide >= LEAST ? i + 1 : end[i];
    }
    this.layer.replaceWith(layer);
    this.layer = layer;
    this.matched.setAttribute('x', pageWidth() - MARGIN);
  }

  share(count) {
    return (100 * count / this.frames.total[0]).toFixed(2) + ' %';
  }

  text(i) {
    return `${this.frames.text(i)}: ${this.frames.total[i].toLocaleString('en-US')} (${this.share(this.frames.total[i])})`;
  }

  say(text) {
    this.details.textContent = fit(text, pageWidth() - 2 * MARGIN - (this.hits ? 150 : 0));
  }

  describe(i, box) {
    this.say(this.text(i));
    if (box && !box.firstChild) make(box, 'title', {}, this.text(i));
  }

  zoom(i) {
    this.zoomed = this.at = i;
    this.draw();
    this.describe(i);
  }

  flip() {
    this.flipped = !this.flipped;
    this.draw();
  }

  // The arrows go to what a frame calls (up), to its caller (down), and to what is called next to it; of a picture
  // that is flipped, the other way round.
  key(event) {
    const {parent, end} = this.frames, at = this.at, first = parent[at] + 1;
    const [inner, outer] = this.flipped ? ['ArrowDown', 'ArrowUp'] : ['ArrowUp', 'ArrowDown'];
    let to = at;

    if (event.key === inner && at + 1 < end[at]) to = at + 1;
    else if (event.key === outer) to = parent[at];
    else if (event.key === 'ArrowRight' && at && end[at] < end[parent[at]]) to = end[at];
    else if (event.key === 'ArrowLeft' && at) for (let i = first; i < at; i = end[i]) to = i;
    if (event.key === 'Enter') this.zoom(at);
    else if (!event.key.startsWith('Arrow')) return;
    event.preventDefault();
    this.at = to;
    if (to < this.zoomed || to >= end[this.zoomed]) this.zoomed = to;
    this.draw();
    this.describe(to);
  }

  // A frame that matches is counted with all that it calls, once.
  search(matches) {
    const {name, total, end} = this.frames;
    let count = 0;

    this.hits = matches && this.names.map(line => matches(line.slice(2)));
    for (let i = 1; matches && i < name.length;) {
      if (this.hits[name[i]]) count += total[i];
      i = this.hits[name[i]] ? end[i] : i + 1;
    }
    this.matched.textContent = matches ? 'matched ' + this.share(count) : '';
    this.draw();
  }

  reset() {
    this.zoomed = this.at = 0;
    this.say(this.summary);
    this.draw();
  }
}

function pageWidth() {
  const around = root === document.documentElement ? root : root.parentElement;

  return Math.max(NARROWEST, around.clientWidth || window.innerWidth);
}

// A regular expression, or what is none as it stands; upper and lower case are the same.
function matcher(text) {
  if (!text) return null;
  try {
    const expression = new RegExp(text, 'i');

    return name => expression.test(name);
  } catch {
    return name => name.toLowerCase().includes(text.toLowerCase());
  }
}

function html(parent, tag, attributes, text) {
  const element = document.createElementNS(HTML, tag);
  for (const name in attributes) element.setAttribute(name, attributes[name]);
  if (text) element.textContent = text;
  parent.appendChild(element);
  return element;
}

function makeControls(pictures) {
  const place = make(root, 'foreignObject', {y: 8, height: 34, x: 160});
  const controls = html(place, 'div', {class: 'controls'});
  const search = html(controls, 'input', {type: 'search', placeholder: 'search (press /)', 'aria-label': 'search frames'});
  const reset = html(controls, 'button', {type: 'button'}, 'Reset');
  const flip = html(controls, 'button', {type: 'button', title: 'put the roots on the other side'}, 'Flip');
  const resetAll = () => {
    search.value = '';
    pictures.forEach(picture => { picture.search(null); picture.reset(); });
  };

  search.addEventListener('input', () => pictures.forEach(picture => picture.search(matcher(search.value))));
  reset.addEventListener('click', resetAll);
  flip.addEventListener('click', () => pictures.forEach(picture => picture.flip()));
  window.addEventListener('keydown', event => {
    if (event.key === 'Escape') resetAll();
    if (event.key !== '/' || event.target === search) return;
    event.preventDefault();
    search.focus();
  });
  return place;
}

function start() {
  const pictures = Array.from(root.querySelectorAll('.picture'), group => new Picture(group));
  const controls = pictures.length ? makeControls(pictures) : null;
  const resize = () => {
    root.setAttribute('width', pageWidth());
    if (controls) controls.setAttribute('width', pageWidth() - 160 - MARGIN);
    pictures.forEach(picture => picture.draw());
    root.querySelectorAll('.legend').forEach(legend => legend.setAttribute('transform',
      `translate(${pageWidth() - MARGIN - Number(legend.getAttribute('data-width'))} 0)`));
  };

  root.removeAttribute('viewBox');
  resize();
  window.addEventListener('resize', resize);
}

start();
})();
