"""Each kind of step, on a page that has each kind of thing to take it on."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import pytest

from agents.plans.scenario import Scenario
from engine.projects.running import Pace, whole
from sandboxes.docker import DockerSandbox
from tests.projects.running import notes

pytestmark = [pytest.mark.docker, pytest.mark.slow]
PAGE = """\
<!doctype html><html lang=en><head><title>F</title><style>.up{text-transform:uppercase}</style></head><body><h1>Form</h1>
<label>Kind <select id=k><option value=1>Small one</option><option value=2>Large one</option></select></label>
<label for=t>Words *</label><textarea id=t></textarea>
<label><input type=checkbox id=c> Agree</label>
<fieldset><legend>Pay</legend><label><input type=radio name=p value=card> Card</label><label><input type=radio name=p value=cash> Cash</label></fieldset>
<input aria-label="Find" id=f placeholder="Search">
<button id=del>Delete all</button> <button>Save</button> <button>Save as</button>
<a href="/other">Elsewhere</a>
<div role=tablist><button role=tab>First</button></div>
<ul role=menu><li role=menuitem tabindex=0>Cut</li></ul>
<div role=combobox aria-label="Fruit" tabindex=0 id=cb>pick</div><ul role=listbox id=lb hidden><li role=option>Apple</li><li role=option>Pear</li></ul>
<p id=o></p><p class=up id=u></p><div id=sh></div><p style="display:none">Hidden words</p>
<script type=module src=/src/main.js></script></body></html>
"""
SCRIPT = """\
const o=document.querySelector('#o'), $=(s)=>document.querySelector(s);
$('#k').onchange=(e)=>{o.textContent+=' kind '+e.target.value};
$('#t').oninput=(e)=>{$('#u').textContent='wrote '+e.target.value};
$('#c').onchange=()=>{o.textContent+=' agreed'};
for(const r of document.querySelectorAll('[name=p]')) r.onchange=(e)=>{o.textContent+=' '+e.target.value};
$('#del').onclick=()=>{ if(confirm('Sure?')) o.textContent+=' deleted'};
for(const b of document.querySelectorAll('button')) if(b.textContent.startsWith('Save')) b.onclick=()=>{o.textContent+=' '+b.textContent.toLowerCase()};
document.querySelector('[role=tab]').onclick=()=>{o.textContent+=' tabbed'};
document.querySelector('[role=menuitem]').onclick=()=>{o.textContent+=' cut'};
$('#cb').onclick=()=>{$('#lb').hidden=false};
for(const l of document.querySelectorAll('[role=option]')) l.onclick=()=>{o.textContent+=' '+l.textContent.toLowerCase();$('#lb').hidden=true};
$('#sh').attachShadow({mode:'open'}).innerHTML='<b>In the shadow</b>';
if(location.pathname==='/other') o.textContent='other side';
$('#f').oninput=(e)=>{o.textContent+=' found '+e.target.value};
"""


def see(text: str) -> Mapping[str, str]:
    return {"do": "see", "text": text}


def click(role: str, name: str) -> Mapping[str, str]:
    return {"do": "click", "role": role, "name": name}


def fill(label: str) -> Mapping[str, str]:
    return {"do": "fill", "label": label, "text": "hello"}


def choose(label: str, option: str) -> Mapping[str, str]:
    return {"do": "choose", "label": label, "option": option}


def steps(name: str, *more: Mapping[str, Any]) -> Scenario:
    return notes.scenario(name, notes.VISIT, *more)


MET = (
    steps("a list", choose("Kind", "Large one"), see("kind 2")),
    steps("a list of its own making", choose("Fruit", "Pear"), see("pear")),
    steps("a field whose label says more, shown in capitals", fill("Words"), see("wrote hello")),
    steps("a field with a name for screen readers", fill("Find"), see("found hello")),
    steps("a checkbox, beside a shadow tree", click("checkbox", "Agree"), see("agreed"), see("In the shadow")),
    steps("a radio button", click("radio", "Cash"), see("cash")),
    steps("a button that asks back", click("button", "Delete all"), see("deleted")),
    steps("the one with just that name", click("button", "Save"), see("save"), {"do": "miss", "text": "save as"}),
    steps("a link", click("link", "Elsewhere"), see("other side")),
    steps("a tab", click("tab", "First"), see("tabbed")),
    steps("an item of a menu", click("menuitem", "Cut"), see("cut")),
)
UNMET = {
    '"Hidden words" is not to be seen': steps("what is hidden", see("Hidden words")),
    'there is no field labelled "Search"; there are': steps("a placeholder is no label", fill("Search"), see("found")),
    'there are 3 of the button "a"': steps("several", click("button", "a"), see("x")),
    'there is no button "Pay"; there are "Delete all", "Save", "Save as"': steps(
        "none", click("button", "Pay"), see("x")
    ),
    'choosing "Huge one" failed': steps("no such option", choose("Kind", "Huge one"), see("kind")),
    '"save as" is still to be seen': steps(
        "what does not go", click("button", "Save as"), see("save as"), {"do": "miss", "text": "save as"}
    ),
}


async def test_every_kind_of_step_is_taken_as_somebody_would_take_it(sandbox: DockerSandbox, web_image: str) -> None:
    """By visible things and the names that are read out; what cannot be done says what there was instead."""
    ran = await whole(
        notes.plan("web"),
        notes.files("web", page=PAGE, script=SCRIPT),
        (*MET, *UNMET.values()),
        sandbox,
        environment=web_image,
        run_id="test",
        pace=Pace(step=2, empty_step=0.1),
    )

    met, unmet = ran.scenarios[: len(MET)], ran.scenarios[len(MET) :]
    assert [(seen.name, seen.passed, seen.proves, seen.what) for seen in met] == [
        (each.name, True, True, "") for each in MET
    ]
    assert [(seen.passed, words in seen.what, seen.what) for seen, words in zip(unmet, UNMET, strict=True)] == [
        (False, True, seen.what) for seen in unmet
    ]
