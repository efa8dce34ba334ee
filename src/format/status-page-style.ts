// The style of index.html: system fonts, light and dark, tables that become stacked rows on a narrow screen. Colours keep a
// contrast of 4.5 to 1 on their ground (a test measures it), and no colour says what a word does not.

/** The colours by name, light and dark. */
export const pageColours: Readonly<Record<'light' | 'dark', Readonly<Record<string, string>>>> = {
  light: {
    ...{ ground: '#f5f6f8', card: '#ffffff', ink: '#1b1f24', soft: '#57606a', line: '#d9dee4', link: '#0a58b5' },
    ...{ good: '#156b36', 'good-ground': '#e2f4e8', warn: '#7d4a00', 'warn-ground': '#fdf0d9' },
    ...{ bad: '#a51226', 'bad-ground': '#fdebed', plain: '#4b535c', 'plain-ground': '#eaedf0' },
  },
  dark: {
    ...{ ground: '#101316', card: '#181c20', ink: '#e4e7ea', soft: '#9aa4af', line: '#2d343b', link: '#79b8ff' },
    ...{ good: '#7ddc9c', 'good-ground': '#14301f', warn: '#f0b85c', 'warn-ground': '#35270d' },
    ...{ bad: '#ff9aa5', 'bad-ground': '#3d1a20', plain: '#b3bcc6', 'plain-ground': '#272d33' },
  },
};

function variables(theme: 'light' | 'dark'): string {
  return Object.entries(pageColours[theme])
    .map(([name, value]) => `--${name}:${value}`)
    .join(';');
}

/** The style sheet. */
export const pageStyle: string = `
:root{color-scheme:light dark;${variables('light')}}
@media (prefers-color-scheme:dark){:root{${variables('dark')}}}
*{box-sizing:border-box}
html{-webkit-text-size-adjust:100%;text-size-adjust:100%}
body{margin:0 auto;max-width:74rem;padding:clamp(1rem,3vw,2.25rem);background:var(--ground);color:var(--ink);
font:1rem/1.5 system-ui,-apple-system,"Segoe UI",Roboto,"Noto Sans","Liberation Sans",sans-serif;font-variant-numeric:tabular-nums;overflow-wrap:anywhere}
code,.root,tbody th,.name{font-family:ui-monospace,SFMono-Regular,Menlo,"DejaVu Sans Mono","Liberation Mono",monospace;font-size:.9em}
a{color:var(--link);text-decoration:underline;text-decoration-color:color-mix(in srgb,currentColor 35%,transparent);text-underline-offset:.18em}
a:hover{text-decoration-color:currentColor}
a:focus-visible{outline:2px solid var(--link);outline-offset:2px;border-radius:2px}
h1,h2,p,ul,dl,dd{margin:0;padding:0}
ul{list-style:none}
small,.soft{color:var(--soft);font-size:.85rem;font-weight:400}
h1{display:flex;align-items:center;gap:.7rem;font-size:clamp(1.9rem,6vw,2.6rem);line-height:1.15;font-weight:650;letter-spacing:-.02em}
h2{font-size:1.05rem;font-weight:650;line-height:1.4}
.sign{flex:none;display:inline-block;width:.55em;height:.55em;border-radius:50%;background:currentColor}
.state .sign{width:.5em;height:.5em}
.serving .sign,.well .sign{color:var(--good)}
.paused .sign,.finishing .sign{color:var(--warn);border-radius:0}
.paused .sign{background:linear-gradient(90deg,currentColor 36%,transparent 36% 64%,currentColor 64%)}
.not-running .sign{color:var(--bad);border-radius:0}
h1.not-running{color:var(--bad)}
.sum{margin-top:.35rem;font-size:1.1rem}
.facts{display:flex;flex-wrap:wrap;gap:.15rem 1.6rem;margin-top:.6rem;color:var(--soft);font-size:.875rem}
.facts div{display:flex;gap:.5rem}
.facts dt{flex:none}
.facts dd{color:var(--ink)}
.counts{display:grid;grid-template-columns:repeat(8,1fr);gap:1px;margin-top:1.4rem;border:1px solid var(--line);border-radius:.6rem;background:var(--line);overflow:hidden}
.counts a,.counts div{display:block;height:100%;padding:.6rem .8rem;background:var(--card);color:inherit;text-decoration:none}
.counts a:hover span{text-decoration:underline}
.counts a:focus-visible{outline-offset:-3px}
.counts b{display:block;font-size:1.45rem;font-weight:600;line-height:1.25}
.counts span{display:block;color:var(--soft);font-size:.8rem;line-height:1.3}
.counts .bad b{color:var(--bad)}
main{margin-top:1.6rem}
section{margin-top:1.6rem;border:1px solid var(--line);border-radius:.6rem;background:var(--card);overflow:hidden}
section h2{padding:.75rem 1rem}
.count{color:var(--soft);font-weight:400}
.nothing{padding:0 1rem .9rem;color:var(--soft)}
.well{display:flex;align-items:center;gap:.6rem;color:var(--soft)}
.look{border-color:var(--bad);border-left-width:.35rem}
.look h2{color:var(--bad)}
.look .count{color:inherit}
.look li{display:grid;grid-template-columns:minmax(12rem,2fr) minmax(11rem,1fr) minmax(11rem,1fr);align-items:baseline;gap:.1rem 1rem;padding:.55rem 1rem;border-top:1px solid var(--line)}
.look .name{font-weight:600}
.look .when{color:var(--soft);font-size:.875rem}
.look p{padding:.6rem 1rem .75rem;border-top:1px solid var(--line);color:var(--soft);font-size:.875rem}
table{width:100%;border-collapse:collapse;font-size:.925rem}
caption{text-align:left}
th,td{padding:.5rem .5rem;text-align:left;vertical-align:baseline;border-top:1px solid var(--line);font-weight:400}
th:first-child{padding-left:1rem}
td:last-child,th:last-child{padding-right:1rem}
thead th{color:var(--soft);font-size:.8rem;white-space:nowrap;border-top:0;padding-top:0}
tbody th{font-weight:500;min-width:9rem;max-width:20rem}
time{white-space:nowrap}
td.wide{min-width:11rem}
td code{color:var(--soft)}
.word{display:inline-block;padding:0 .5em;border-radius:.3em;background:var(--plain-ground);color:var(--plain);font-size:.86em;font-weight:600;line-height:1.6;white-space:nowrap}
.word.done,.word.running{background:var(--good-ground);color:var(--good)}
.word.error,.word.held,.word.suspended,.word.paused,.word.blocked{background:var(--warn-ground);color:var(--warn)}
.word.fail{background:var(--bad-ground);color:var(--bad)}
.reason{white-space:nowrap}
.flag{color:var(--soft);font-size:.86em}
.flag::before{content:"· "}
progress{width:7rem;height:.5rem;vertical-align:.08em;margin-right:.3rem;border:0;border-radius:1rem;background:var(--plain-ground);accent-color:var(--good);-webkit-appearance:none;appearance:none;overflow:hidden}
progress::-webkit-progress-bar{background:var(--plain-ground)}
progress::-webkit-progress-value{background:var(--good)}
progress::-moz-progress-bar{background:var(--good)}
footer{margin-top:2rem;color:var(--soft);font-size:.85rem}
footer p+p{margin-top:.3rem}
@media (max-width:60rem){.counts{grid-template-columns:repeat(4,1fr)}}
@media (max-width:56rem){
table,thead,tbody,tr,th,td,caption{display:block}
thead{position:absolute;width:1px;height:1px;overflow:hidden;clip-path:inset(50%)}
tbody tr{display:flex;flex-wrap:wrap;gap:.05rem 1rem;padding:.6rem 1rem .65rem;border-top:1px solid var(--line)}
tbody th,td,th:first-child,td:last-child{padding:0;border:0;max-width:none;min-width:0}
tbody th{flex:1 0 100%}
td{color:var(--ink)}
td.wide{flex:1 0 100%;min-width:0}
td.none,td.usual{display:none}
.look li{display:flex;flex-wrap:wrap}
.look .name{flex:1 0 100%}
td[data-label]::before{content:attr(data-label) " ";color:var(--soft);font-size:.85em}
td[data-label="State"]::before,td[data-label="Attempt"]::before,td[data-label="Outcome"]::before,td[data-label="Why"]::before,td[data-label="Command"]::before,td[data-label="Progress"]::before,td[data-label="Queue"]::before{content:none}
.facts{flex-direction:column}
}
@media (max-width:30rem){.counts a,.counts div{padding:.5rem .55rem}.counts b{font-size:1.25rem}.counts span{font-size:.75rem}}
@media print{body{max-width:none;background:none}section{break-inside:auto}}
`;
