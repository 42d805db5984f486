/** The panel's look. It stands in a shadow root that takes nothing from the page, so sizes are pixels and colours its own; text has a contrast of at least 4.5:1 on what is behind it. */
export const style = `
:host { all: initial; display: block; color-scheme: light dark; --sk-ui: system-ui, sans-serif; --sk-mono: ui-monospace, "SF Mono", Menlo, Consolas, monospace;
  --sk-paper: light-dark(#ffffff, #14191c); --sk-card: light-dark(#f4f7f8, #1c2327); --sk-ink: light-dark(#12191c, #e9f0f1); --sk-soft: light-dark(#4d5c61, #a6b5b9);
  --sk-edge: light-dark(#cdd7da, #334046); --sk-control: light-dark(#6b7d83, #7d9197); --sk-accent: light-dark(#00606f, #6fd3e3); --sk-on-accent: light-dark(#ffffff, #06181b);
  --sk-accent-soft: light-dark(#e0f2f5, #12343b); --sk-good: light-dark(#0d5c2b, #8fe0a9); --sk-good-soft: light-dark(#dcf3e3, #133421); --sk-warn: light-dark(#6a4300, #ffd08a);
  --sk-warn-soft: light-dark(#ffedcf, #3b2a0c); --sk-bad: light-dark(#8f1220, #ffb3b3); --sk-bad-soft: light-dark(#fde3e4, #45161b); }
:host([data-theme="light"]) { color-scheme: light; }
:host([data-theme="dark"]) { color-scheme: dark; }
*, *::before { box-sizing: border-box; }
[hidden] { display: none !important; }
.panel { display: flex; flex-direction: column; block-size: 100%; min-block-size: 0; container-type: inline-size; background: var(--sk-paper); color: var(--sk-ink);
  font: 400 13px/1.45 var(--sk-ui); overflow: hidden; }
.panel.drawer { position: fixed; inset-inline: 0; inset-block-end: 0; z-index: 2147483000; block-size: var(--sk-height, 45vh); max-block-size: calc(100dvh - 40px);
  border-block-start: 1px solid var(--sk-control); box-shadow: 0 -6px 24px rgb(0 0 0 / 0.18); padding-block-end: env(safe-area-inset-bottom); }
.grip { flex: none; block-size: 12px; cursor: ns-resize; touch-action: none; background: var(--sk-card); display: grid; place-items: center; }
.grip::before { content: ""; inline-size: 44px; block-size: 4px; border-radius: 2px; background: var(--sk-control); }
.head { flex: none; display: flex; align-items: stretch; gap: 4px 12px; padding-inline: 12px 6px; background: var(--sk-card); border-block-end: 1px solid var(--sk-edge); }
.head h2 { margin: 0; font: 700 13px/1 var(--sk-ui); align-self: center; letter-spacing: 0.02em; white-space: nowrap; }
.tabs { display: flex; flex: 1; min-inline-size: 0; overflow-x: auto; scrollbar-width: thin; }
.tabs button { flex: none; border: 0; border-radius: 0; background: none; color: var(--sk-soft); padding: 0 12px; min-block-size: 40px; font-weight: 600; border-block-end: 3px solid transparent;
  border-block-start: 3px solid transparent; }
.tabs button[aria-selected="true"] { color: var(--sk-accent); border-block-end-color: var(--sk-accent); }
.close { align-self: center; border-color: transparent; background: none; font-size: 18px; line-height: 1; min-inline-size: 36px; padding: 0; }
.body { flex: 1; min-block-size: 0; display: flex; }
[role="tabpanel"] { flex: 1; min-inline-size: 0; display: flex; }
.view { flex: 1; min-inline-size: 0; min-block-size: 0; display: flex; flex-direction: column; }
.bar { display: flex; flex-wrap: wrap; align-items: center; gap: 8px; padding: 8px 12px; }
.view > .bar { border-block-end: 1px solid var(--sk-edge); }
.card .bar, .opened .bar, .detail .bar, .columns .bar, .choice .bar { padding-inline: 0; }
.grow { flex: 1; min-inline-size: 120px; }
.scroll { flex: 1; min-block-size: 0; min-inline-size: 0; overflow: auto; }
p, h3, h4, dl, dd, ul, ol, fieldset { margin: 0; padding: 0; }
h3 { font: 700 13px/1.3 var(--sk-ui); }
h4, caption, legend { font: 700 12px/1.3 var(--sk-ui); color: var(--sk-soft); text-align: start; }
h4 { margin-block: 12px 6px; }
.soft { color: var(--sk-soft); }
.note { padding: 10px 12px; color: var(--sk-soft); }
.note.bad { color: var(--sk-bad); background: var(--sk-bad-soft); }
.read-out { position: absolute; inline-size: 1px; block-size: 1px; overflow: hidden; clip-path: inset(50%); }
button, input, select { font: inherit; color: inherit; border: 1px solid var(--sk-control); border-radius: 6px; background: var(--sk-paper); min-block-size: 32px; padding: 3px 10px; margin: 0; }
button { cursor: pointer; }
button:hover:not(:disabled) { background: var(--sk-accent-soft); }
button:disabled { color: var(--sk-soft); border-style: dashed; cursor: default; }
button[aria-pressed="true"]:not(.row) { background: var(--sk-accent); color: var(--sk-on-accent); border-color: var(--sk-accent); }
button.link { border: 0; background: none; padding: 0 2px; color: var(--sk-accent); text-decoration: underline; min-block-size: 24px; }
input[type="search"] { inline-size: 190px; max-inline-size: 100%; }
input[type="number"] { inline-size: 110px; }
input[type="range"] { flex: 1; min-inline-size: 120px; padding: 0; accent-color: var(--sk-accent); border: 0; background: none; }
input[type="radio"] { inline-size: 18px; block-size: 18px; min-block-size: 0; accent-color: var(--sk-accent); }
::placeholder { color: var(--sk-soft); opacity: 1; }
:focus-visible { outline: 2px solid var(--sk-accent); outline-offset: -2px; }
table { border-collapse: collapse; inline-size: 100%; font-variant-numeric: tabular-nums; }
caption { padding: 10px 12px 4px; }
caption.read-out { padding: 0; }
th, td { text-align: start; padding: 4px 12px; border-block-end: 1px solid var(--sk-edge); vertical-align: top; overflow-wrap: anywhere; }
thead th { position: sticky; inset-block-start: 0; background: var(--sk-card); color: var(--sk-soft); font-weight: 600; font-size: 12px; z-index: 1; overflow-wrap: normal; }
.cards thead th { position: static; }
.number { text-align: end; white-space: nowrap; }
.id, code, .json, dd { font-family: var(--sk-mono); font-size: 12px; overflow-wrap: anywhere; }
.clip { overflow: hidden; text-overflow: ellipsis; white-space: nowrap; min-inline-size: 0; flex: 1; }
.open { min-block-size: 26px; padding: 0 8px; font-variant-numeric: tabular-nums; }
.open[aria-expanded="true"] { background: var(--sk-accent); color: var(--sk-on-accent); border-color: var(--sk-accent); }
.opened-row > td { padding: 0; background: var(--sk-card); }
.opened { padding: 8px 12px; }
.changes { padding: 6px 0 0 20px; }
.kind, .badge { display: inline-block; border-radius: 4px; padding: 1px 6px; font: 600 11px/1.5 var(--sk-ui); background: var(--sk-accent-soft); color: var(--sk-accent); white-space: nowrap; }
.kind:not(.k-changes), .badge.good { background: var(--sk-good-soft); color: var(--sk-good); }
.k-tombstone, .k-revocation, .badge.bad { background: var(--sk-bad-soft) !important; color: var(--sk-bad) !important; }
.badge.warn { background: var(--sk-warn-soft); color: var(--sk-warn); }
.split { flex: 1; min-block-size: 0; display: grid; grid-template-columns: minmax(220px, 1fr) 2fr; }
.split > * + * { border-inline-start: 1px solid var(--sk-edge); }
.list { list-style: none; }
.row { inline-size: 100%; display: flex; align-items: center; gap: 8px; text-align: start; border: 0; border-block-end: 1px solid var(--sk-edge); border-radius: 0; min-block-size: 36px; }
.row .id { flex: none; max-inline-size: 55%; }
.row[aria-pressed="true"] { background: var(--sk-accent-soft); box-shadow: inset 3px 0 0 var(--sk-accent); }
.detail { padding: 10px 12px; display: grid; gap: 8px; grid-template-columns: minmax(0, 1fr); }
.detail .note, .columns .note { padding: 8px 10px; border-radius: 6px; background: var(--sk-card); }
.detail .note.bad { background: var(--sk-bad-soft); }
.json { margin: 0; padding: 10px; background: var(--sk-card); border-radius: 6px; white-space: pre-wrap; }
.j-key { color: var(--sk-accent); }
.j-text { color: var(--sk-good); }
.j-other { color: var(--sk-warn); }
.facts { display: grid; grid-template-columns: repeat(auto-fill, minmax(210px, 1fr)); gap: 6px 16px; }
.facts dt { color: var(--sk-soft); font-size: 12px; }
.scroll > h3 { padding: 10px 12px 0; }
.scroll > h3 + .bar + p { padding-inline: 12px; }
.columns h3 { margin-block: 4px 8px; }
.columns { display: grid; grid-template-columns: repeat(auto-fit, minmax(min(320px, 100%), 1fr)); gap: 0 20px; padding: 8px 12px 14px; }
.difference th, .difference td { padding-inline: 0 10px; }
.difference th { font-weight: 600; inline-size: 30%; }
.difference .badge { margin-inline-start: 6px; }
.text { white-space: pre-wrap; }
ins { text-decoration: none; background: var(--sk-good-soft); color: var(--sk-good); border-radius: 3px; padding-inline: 2px; }
del { background: var(--sk-bad-soft); color: var(--sk-bad); border-radius: 3px; padding-inline: 2px; }
.cards { display: grid; gap: 10px; padding: 0 12px 12px; }
.card { border: 1px solid var(--sk-edge); border-radius: 8px; padding: 10px 12px; display: grid; gap: 8px; }
.scroll > .card { margin: 12px 12px 10px; }
.card table { background: var(--sk-card); border-radius: 6px; }
.state { margin: 0 12px; padding: 8px 12px; border-radius: 6px; background: var(--sk-card); font-weight: 600; }
.state.is-on { background: var(--sk-warn-soft); color: var(--sk-warn); }
fieldset { border: 0; display: grid; gap: 4px; }
.choice { border: 1px solid var(--sk-edge); border-radius: 8px; padding: 6px 12px; }
.choice:has(:checked) { border-color: var(--sk-accent); background: var(--sk-accent-soft); }
.choice:has(:checked) .soft { color: var(--sk-ink); }
.radio { display: flex; align-items: center; gap: 8px; font-weight: 600; min-block-size: 28px; cursor: pointer; }
.field { display: grid; gap: 2px; font-size: 12px; }
@container (max-width: 620px) {
  .wide { display: none; }
  .split { grid-template-columns: minmax(0, 1fr); grid-template-rows: minmax(90px, 2fr) 3fr; }
  .split > * + * { border-inline-start: 0; border-block-start: 2px solid var(--sk-edge); }
  .head { flex-wrap: wrap; }
  .tabs { order: 1; flex-basis: 100%; }
  .tabs button { padding-inline: 9px; }
  .head h2 { flex: 1; }
  th, td { padding-inline: 8px; }
}
@media (pointer: coarse) { button, input:not([type="radio"]), select { min-block-size: 44px; } .open { min-inline-size: 44px; } .row { min-block-size: 44px; } .radio { min-block-size: 44px; } .grip { block-size: 24px; } }
@media (prefers-reduced-motion: no-preference) { button { transition: background-color 0.12s; } }
@media (forced-colors: active) { .tabs button[aria-selected="true"], .row[aria-pressed="true"] { outline: 2px solid; } }
`
