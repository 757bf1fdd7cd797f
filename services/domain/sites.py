"""Where the work is done, as one name for one site (工地), whatever callers say in front of it.

江苏省南京市江宁区秣陵街道天元西路599弄工地   江宁区天元西路 599 弄   →  320115 天元西路599弄
"""

import re
from typing import Final

from services.domain.employers import EmployerNames

SHORTEST: Final = 5
_SITE: Final = re.compile(r"(建筑工地|施工工地|施工现场|工地|项目经理部|项目部|项目|现场|附近|旁边|对面)$")
_ROAD_ONLY: Final = re.compile(r"[^0-9]*(路|街|街道|大道|镇|乡|村|社区|区|巷)")


def site(address: str | None, district: str | None, names: EmployerNames) -> str | None:
    """District and place of work; None where the address names only a road, or no district is sure."""
    if not address or district is None:
        return None
    plain = names.plain(address)
    plain = names.leading.sub("", plain)  # province, city, district, street
    while (shorter := _SITE.sub("", plain)) != plain:
        plain = shorter
    if len(plain) < SHORTEST or _ROAD_ONLY.fullmatch(plain):
        return None
    return f"{district} {plain}"
