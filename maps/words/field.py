"""The words of the inspectors' app that stand in its shell; the script brings its own."""

from collections.abc import Mapping

from layers.declaring.words import Label

FIELD: Mapping[str, Label] = {
    "name": Label("网格责任田 · 现场", "Gridfield · in the field"),
    "short_name": Label("责任田现场", "Gridfield field"),
    "summary": Label(
        "网格员在现场登记问题：拍照、定位、断网也不丢。",
        "Inspectors log what they find, with photographs and a position; nothing is ever lost.",
    ),
    "opening": Label("正在打开……", "Opening …"),
    "no_script": Label(
        "这个页面要用脚本，请在浏览器里允许后再打开。",
        "This page needs scripts: allow them in the browser and open it again.",
    ),
    "outbox": Label("待发箱", "Outbox"),
}
