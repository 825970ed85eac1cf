/** Of all pages: one column at 320 px, light and dark, without a picture, a font or a script. */
export const STYLE = `
:root { color-scheme: light dark; --page: #fff; --text: #16191d; --line: #c9ced6; --soft: #f1f3f6; --brand: #0b5cad; --good: #146c2e; --bad: #a4211b; }
@media (prefers-color-scheme: dark) {
  :root { --page: #14171c; --text: #e8ebef; --line: #4a515c; --soft: #23272e; --brand: #8cc2ff; --good: #7fd99a; --bad: #ff9b94; }
}
* { box-sizing: border-box; }
html { background: var(--page); color: var(--text); }
body { margin: 0 auto; max-width: 72rem; padding: 1rem; font: 1rem/1.5 system-ui, sans-serif; overflow-wrap: anywhere; }
header { display: flex; flex-wrap: wrap; gap: .5rem 1.5rem; align-items: baseline; border-bottom: 1px solid var(--line);
  padding-bottom: .75rem; margin-bottom: 1.25rem; }
header p { margin: 0; font-weight: 600; }
nav { display: flex; flex-wrap: wrap; gap: .25rem 1.25rem; }
nav a[aria-current] { font-weight: 600; text-decoration: none; color: inherit; }
a { color: var(--brand); }
h1 { font-size: 1.5rem; line-height: 1.25; margin: 0 0 1rem; }
h2 { font-size: 1.15rem; margin: 2rem 0 .75rem; }
form { display: flex; flex-wrap: wrap; gap: .75rem; align-items: end; margin: 0 0 1.25rem; }
label { display: grid; gap: .15rem; font-size: .9rem; min-width: 0; max-width: 100%; }
label.wide { flex: 1 1 20rem; }
input, select, button { font: inherit; padding: .4rem .6rem; border: 1px solid var(--line); border-radius: .35rem; max-width: 100%;
  min-width: 0; width: 100%; background: var(--page); color: var(--text); min-height: 2.5rem; }
button { width: auto; border-color: var(--brand); color: var(--brand); font-weight: 600; cursor: pointer; }
button.bad { border-color: var(--bad); color: var(--bad); }
:is(a, button, input, select, summary, [tabindex]):focus-visible { outline: 3px solid var(--brand); outline-offset: 2px; }
.actions { display: flex; flex-wrap: wrap; gap: .75rem; }
.verdict { font-size: 1.15rem; border-inline-start: .35rem solid var(--line); padding: .5rem 1rem; background: var(--soft); margin: 0 0 1.25rem; }
.verdict.good { border-color: var(--good); } .verdict.bad { border-color: var(--bad); }
.notice { border: 1px solid var(--good); padding: .5rem 1rem; margin: 0 0 1.25rem; border-radius: .35rem; }
.good { color: var(--good); } .bad { color: var(--bad); } .verdict { color: inherit; }
.quiet { font-size: .9rem; }
dl { display: grid; grid-template-columns: minmax(7rem, max-content) 1fr; gap: .25rem 1rem; margin: 0; }
dt { font-size: .9rem; } dd { margin: 0; min-width: 0; }
pre { margin: 0; white-space: pre-wrap; font-size: .9rem; }
ol.line { list-style: none; margin: 0; padding: 0 0 0 1rem; border-inline-start: 2px solid var(--line); }
ol.line li { margin: 0 0 1rem; } ol.line p { margin: 0; }
.agent { font-size: .9rem; max-height: 4.5em; overflow: auto; }
.scroll { overflow-x: auto; overflow-wrap: normal; margin-bottom: 2rem; }
.scroll th[scope=row] { min-width: 7.5rem; max-width: 16rem; overflow-wrap: break-word; }
table { border-collapse: collapse; width: 100%; }
caption { text-align: start; font-weight: 600; padding-bottom: .5rem; }
th, td { text-align: start; padding: .4rem .6rem; border-bottom: 1px solid var(--line); vertical-align: top; }
th { font-size: .9rem; overflow-wrap: normal; } .number { text-align: end; font-variant-numeric: tabular-nums; }
figure { margin: 0 0 2rem; } figcaption { margin-top: .5rem; }
svg { display: block; width: 100%; height: 10rem; background: var(--soft); }
.ends { display: flex; justify-content: space-between; margin: .15rem 0 0; }
.key { border-bottom: .25rem solid var(--brand); } .key.refused { border-color: var(--bad); }
.bar { fill: var(--brand); } .bar.refused { fill: var(--bad); }
@media (max-width: 40rem) {
  dl { grid-template-columns: 1fr; } dd { margin-bottom: .5rem; }
  table.rows, table.rows tbody, table.rows tr, table.rows td { display: block; }
  table.rows thead { position: absolute; width: 1px; height: 1px; overflow: hidden; clip-path: inset(50%); white-space: nowrap; }
  table.rows tr { border-bottom: 1px solid var(--line); padding: .6rem 0; }
  table.rows td { border: 0; padding: .1rem 0; text-align: start; }
  table.rows td::before { content: attr(data-label) ": "; font-size: .9rem; font-weight: 600; }
}
`;
