// The page of the development outbox: one static text, styled by our tokens, filled by events.
// Everything received is put in as text, never as markup.

export const pageStyle = `
:root{color-scheme:light dark;--bg:#f3f5f7;--card:#fff;--tx:#14181c;--tx2:#4b535b;--ln:#d9dee3;--brand:#0b57d0;--weak:#e8f0fe;
--info:#174ea6;--err:#b3261e;--focus:#ffb300;
--font:system-ui,-apple-system,"PingFang SC","HarmonyOS Sans SC",MiSans,"Noto Sans CJK SC","Microsoft YaHei",sans-serif;
--num:ui-monospace,"SF Mono","Roboto Mono","Noto Sans Mono CJK SC",monospace}
@media (prefers-color-scheme:dark){:root{--bg:#0e1215;--card:#191e23;--tx:#eef1f4;--tx2:#aab3bb;--ln:#313a42;--brand:#8ab4f8;--weak:#1c2c47;--info:#8ab4f8;--err:#f2b8b5}}
*{box-sizing:border-box}
body{margin:0;background:var(--bg);color:var(--tx);font:17px/1.5 var(--font)}
main{max-width:640px;margin:0 auto;padding:12px 16px 32px}
header{display:flex;justify-content:space-between;align-items:center;gap:12px;min-height:48px}
h1{font-size:1.2em;margin:0}
p{margin:0}
.note,.meta{color:var(--tx2);font-size:.82em}
.live::before{content:"○ "}
.live[data-on]::before{content:"● "}
button{font:inherit;min-height:48px;border:1px solid var(--ln);border-radius:28px;background:var(--card);color:var(--tx);padding:0 16px;cursor:pointer}
:focus-visible{outline:3px solid var(--focus);outline-offset:2px}
ol{list-style:none;margin:12px 0 0;padding:0}
li{background:var(--card);border-radius:14px;padding:16px;margin-block-start:12px;overflow-wrap:anywhere}
.meta{display:flex;flex-wrap:wrap;gap:4px 12px;font-variant-numeric:tabular-nums;margin-block-end:8px}
.to{font-family:var(--num)}
.delivered{color:var(--info)}
.failed{color:var(--err)}
.code{display:block;margin-block-start:12px;font:600 1.55em/1 var(--num);letter-spacing:.12em;background:var(--weak);border-color:transparent;color:var(--brand);border-radius:8px}
.subject{font-weight:600}
.via{border:1px solid var(--ln);border-radius:8px;padding:0 8px}
.text{white-space:pre-wrap}
.empty{color:var(--tx2);padding:48px 0;text-align:center}
`;

export const pageScript = `
"use strict";
const words={
zh:{title:"开发消息箱",note:"这里显示本机演示中“发出”的消息，没有真正发送给任何人。",live:"实时",off:"连接中断，正在重连",empty:"还没有消息",accepted:"… 已接收",delivered:"✓ 已送达",failed:"✕ 未送达",parts:n=>n+" 条拼接",copy:"复制验证码",copied:"已复制",channels:{sms:"短信",mail:"邮件",wechat:"微信"},other:"English"},
en:{title:"Development outbox",note:"Messages this demo would have sent. Nothing left this machine.",live:"Live",off:"Disconnected, trying again",empty:"No messages yet",accepted:"… accepted",delivered:"✓ delivered",failed:"✕ not delivered",parts:n=>n+" parts joined",copy:"Copy code",copied:"Copied",channels:{sms:"SMS",mail:"Mail",wechat:"WeChat"},other:"中文"}};
let lang=/^zh/i.test(navigator.language)?"zh":"en",on=false;
const shown=500,all=new Map(),get=id=>document.getElementById(id);
function el(name,cls,text){const e=document.createElement(name);if(cls)e.className=cls;if(text!==undefined)e.textContent=text;return e}
function card(m){const w=words[lang],li=el("li"),meta=el("p","meta");li.dataset.no=m.no;
meta.append(el("span","via",(w.channels[m.channel]||m.channel)+" · "+m.provider),el("span","to",m.channel==="sms"?"+"+m.to:m.to),el("time","",new Date(m.receivedMs).toLocaleString(lang==="zh"?"zh-CN":"en-GB")),el("span",m.state,w[m.state]),el("span","",m.from));
if(m.parts>1)meta.append(el("span","",w.parts(m.parts)));
li.append(meta);if(m.subject)li.append(el("p","subject",m.subject));li.append(el("p","text",m.text));
const code=/(?:^|[^0-9])([0-9]{6})(?![0-9])/.exec(m.text);
if(code){const b=el("button","code",code[1]);b.type="button";b.setAttribute("aria-label",w.copy+" "+code[1].split("").join(" "));
b.onclick=()=>navigator.clipboard.writeText(code[1]).then(()=>{get("said").textContent=w.copied+" "+code[1]});li.append(b)}
return li}
function one(m){all.set(m.no,m);const list=get("list"),old=list.querySelector('[data-no="'+m.no+'"]'),fresh=card(m);
if(old)old.replaceWith(fresh);else list.prepend(fresh);get("empty").hidden=all.size>0;
while(all.size>shown){const no=Math.min(...all.keys());all.delete(no);list.querySelector('[data-no="'+no+'"]')?.remove()}}
function draw(){const w=words[lang];document.documentElement.lang=lang==="zh"?"zh-CN":"en";document.title=w.title;
get("title").textContent=w.title;get("note").textContent=w.note;get("empty").textContent=w.empty;get("other").textContent=w.other;
const live=get("live");live.textContent=on?w.live:w.off;live.toggleAttribute("data-on",on);
get("list").replaceChildren();for(const m of [...all.values()].sort((a,b)=>a.no-b.no))get("list").prepend(card(m));get("empty").hidden=all.size>0}
get("other").onclick=()=>{lang=lang==="zh"?"en":"zh";draw()};
const source=new EventSource("/dev/outbox/events");
source.addEventListener("all",e=>{all.clear();for(const m of JSON.parse(e.data))all.set(m.no,m);on=true;draw()});
source.addEventListener("one",e=>one(JSON.parse(e.data)));
source.onerror=()=>{on=false;draw()};
draw();
`;

export const pageHtml = `<!doctype html>
<html lang="zh-CN"><head><meta charset="utf-8"><meta name="viewport" content="width=device-width,initial-scale=1">
<meta name="color-scheme" content="light dark"><link rel="icon" href="data:,"><title>开发消息箱</title>
<style>${pageStyle}</style></head>
<body><main><header><h1 id="title"></h1><button id="other" type="button"></button></header>
<p class="note" id="note"></p><p class="note live" id="live" role="status"></p><p class="note" id="said" role="status"></p>
<p class="empty" id="empty"></p><ol id="list"></ol></main>
<script>${pageScript}</script></body></html>
`;
