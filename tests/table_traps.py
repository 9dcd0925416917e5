"""Tables and documents as they come in China: CSV, GeoJSON, Excel, KML, each with its faults."""

import datetime as dt
import json
import zipfile
from pathlib import Path

from openpyxl import Workbook

from tests.raw_files import (
    OUTER,
    PLACE,
    PLACE_4522,
    PLACE_BD09,
    PLACE_GCJ02,
    workbook,
    zipped,
)


def csv_in_gbk(folder: Path) -> Path:
    """What Excel saves as CSV in China."""
    path = folder / "in_gbk.csv"
    path.write_bytes("名称,经度,纬度\r\n林家崖,101.83,36.62\r\n".encode("gbk"))
    return path


def csv_in_gbk_with_the_mark_of_utf8(folder: Path) -> Path:
    """A byte order mark before what it does not mark."""
    path = folder / "mark_and_gbk.csv"
    text = "名称,经度,纬度\r\n林家崖,101.83,36.62\r\n".encode("gbk")
    path.write_bytes(b"\xef\xbb\xbf" + text)
    return path


def csv_with_titles(folder: Path) -> Path:
    """A ledger saved as CSV with what stood above it, and the commas beside it."""
    path = folder / "titles.csv"
    text = "林家崖台账,,,,\n,,,,\n编号,名称,经度,纬度,\n1,甲,101.83,36.62,\n"
    path.write_text(text, "utf-8-sig")
    return path


def csv_swapped(folder: Path) -> Path:
    """Latitudes under 经度."""
    path = folder / "swapped.csv"
    path.write_text("名称,经度,纬度\n甲,36.62,101.83\n", "utf-8-sig")
    return path


def survey_points(folder: Path) -> Path:
    """A survey's table with tabs: X is the northing, Y the easting with its zone."""
    path = folder / "survey.txt"
    path.write_bytes("点号\tX\tY\r\nJ1\t4054354.279\t34484793.041\r\n".encode("gbk"))
    return path


def csv_in_bd09(folder: Path) -> Path:
    """The headings name the datum."""
    path = folder / "baidu.csv"
    lon, lat = PLACE_BD09
    path.write_text(f"名称,百度经度,百度纬度\n甲,{lon},{lat}\n", "utf-8-sig")
    return path


def geojson_in_gbk(folder: Path) -> Path:
    """The standard says UTF-8."""
    path = folder / "gbk.geojson"
    text = '{"type":"Feature","properties":{"名称":"林家崖"},"geometry":%s}'
    path.write_bytes((text % '{"type":"Point","coordinates":[101.83,36.62]}').encode("gbk"))
    return path


def geojson_mixed(folder: Path) -> Path:
    """Points, an area, nothing and an empty one, properties that differ."""
    path = folder / "mixed.geojson"
    features = [
        {"type": "Point", "coordinates": list(PLACE)},
        {"type": "Polygon", "coordinates": [[list(p) for p in OUTER]]},
        None,
        {"type": "Polygon", "coordinates": []},
    ]
    document = {
        "type": "FeatureCollection",
        "features": [
            {"type": "Feature", "properties": {f"p{n}": n}, "geometry": geometry}
            for n, geometry in enumerate(features)
        ],
    }
    path.write_text(json.dumps(document), "utf-8")
    return path


def csv_in_degrees_minutes_seconds(folder: Path) -> Path:
    """度分秒 in full-width digits and signs."""
    path = folder / "dms.csv"
    path.write_text("名称,东经,北纬\n甲,101°49′48″,36°37′12″\n", "utf-8-sig")
    return path


def ledger_in_excel(folder: Path) -> Path:
    """Titles above, two rows of headings, merged cells, three ways of dates, a sum, north first."""
    book = Workbook()
    sheet = book.active
    sheet.append(["林家崖街道违法建设整改台账"])
    sheet.append(["填报单位\uff1a创城办", None, "填报日期\uff1a2017年7月21日"])
    sheet.append(["序号", "所属社区", "点位", "坐标", None, "登记日期", "面积"])
    sheet.append([None, None, None, "X坐标", "Y坐标"])
    east, north = PLACE_4522
    sheet.append([1, "蓝天社区", "甲", north, east, dt.date(2017, 7, 1), "\uff11\uff12.5"])
    sheet.append([2, None, "乙", str(north), str(east), 42917, 33.0])
    sheet.append([3, None, "丙", north, east, "2017年7月1日", "=1+1"])
    sheet.append(["合计", None, None, None, None, None, 45.5])
    sheet.append(["制表人\uff1a李"])
    for cells in ("A1:G1", "D3:E3", "A3:A4", "B3:B4", "C3:C4", "F3:F4", "G3:G4", "B5:B7"):
        sheet.merge_cells(cells)
    book.create_sheet("Sheet2")
    path = folder / "ledger.xlsx"
    book.save(path)
    return path


def ledger_in_degrees_minutes_seconds(folder: Path) -> Path:
    """度分秒 in an Excel sheet, in two columns."""
    book = Workbook()
    book.active.append(["点位", "经度(°)", "纬度(°)"])
    book.active.append(["甲", "101°49′48″", "北纬36度37分12秒"])
    path = folder / "ledger_dms.xlsx"
    book.save(path)
    return path


def ledger_below_a_title(folder: Path) -> Path:
    """Merged titles above row 3, dates as text, full-width digits, sheets beside it."""
    path = folder / "below_a_title.xlsx"
    book = Workbook()
    sheet = book.active
    sheet.append(["林家崖街道网格台账"])
    sheet.append(["（2017年7月）"])
    sheet.append(["编号", "名称", "登记日期", "经度", "纬度"])
    sheet.append(["\uff11", "甲", "2017.7.21", "\uff11\uff10\uff11．\uff18\uff13", "36.62"])
    sheet.append(["2", "乙", "2017年7月21日", "东经101.83°", "北纬36.62°"])
    for cells in ("A1:E1", "A2:E2"):
        sheet.merge_cells(cells)
    hidden = book.create_sheet("代码")
    hidden.append(["经度", "纬度"])
    hidden.append([1, 2])
    hidden.sheet_state = "hidden"
    explained = book.create_sheet("填表说明")
    explained.append(["请用 WGS 84"])
    book.save(path)
    return path


def ledger_of_phone_points(folder: Path) -> Path:
    """The heading says that the points are GCJ-02."""
    heading = ["点位", "经度(GCJ-02)", "纬度\uff08GCJ02\uff09"]
    return workbook(folder / "phone.xlsx", heading, ["甲", *PLACE_GCJ02])


KML = """<?xml version="1.0" encoding="UTF-8"?>
<kml xmlns="http://www.opengis.net/kml/2.2"><Document><Folder><name>蓝天社区</name>
<Folder><name>网格</name>
<Placemark><name>甲</name><description><![CDATA[<b>门前</b>三包]]></description>
<ExtendedData><Data name="责任人"><value>马占林</value></Data></ExtendedData>
<Point><coordinates>101.83,36.62,2261.5</coordinates></Point></Placemark></Folder>
<Placemark><name>乙</name><Polygon><outerBoundaryIs><LinearRing><coordinates>
101.80,36.60,0 101.80,36.61,0 101.81,36.61,0 101.81,36.60,0
</coordinates></LinearRing></outerBoundaryIs></Polygon></Placemark>
</Folder></Document></kml>"""


def kml(folder: Path) -> Path:
    """Folders, a column of its own, HTML in a description, heights, an unclosed ring."""
    path = folder / "ovital.kml"
    path.write_text(KML, "utf-8")
    return path


def kml_in_gbk(folder: Path) -> Path:
    """A KML that says UTF-8 and is GBK."""
    path = folder / "gbk.kml"
    path.write_text(KML, "gbk")
    return path


def kmz(folder: Path) -> Path:
    """The same packed with a picture."""
    path = folder / "earth.kmz"
    with zipfile.ZipFile(path, "w") as packed:
        packed.writestr("files/icon.png", b"")
        packed.writestr("doc.kml", KML)
    return path


def kmz_in_a_folder(folder: Path) -> Path:
    """The document is not at the top, and its name is in capitals."""
    return zipped(folder / "folder.kmz", {"导出/DOC.KML": KML.encode(), "导出/图标.png": b""})


def kml_of_an_app(folder: Path) -> Path:
    """SchemaData, several geometries, a track, a prefix nobody declared, blanks before all."""
    path = folder / "app.kml"
    path.write_text(
        """
<?xml version="1.0" encoding="UTF-8"?>
<kml xmlns="http://www.opengis.net/kml/2.2"><Document><Placemark><name>甲</name>
<ExtendedData><SchemaData schemaUrl="#s"><SimpleData name="责任人">马占林</SimpleData>
</SchemaData></ExtendedData><MultiGeometry>
<Point><coordinates>101.83,36.62</coordinates></Point>
<Point><coordinates> 101.84, 36.62, 0 </coordinates></Point></MultiGeometry></Placemark>
<Placemark><name>乙</name><gx:Track><gx:coord>101.83 36.62 0</gx:coord>
<gx:coord>101.84 36.62 0</gx:coord></gx:Track></Placemark></Document></kml>""",
        "utf-8",
    )
    return path
