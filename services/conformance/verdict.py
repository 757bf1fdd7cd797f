"""What a check found: passed, failed with a reason that the unit's staff can act on, or not tried."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final

from services.domain.names import Name

NOTHING: Final = Name("", "")


class Fails(Exception):
    """The check has failed; the sentence says what the unit's system did and what the contract wants."""

    def __init__(self, zh: str, en: str) -> None:
        super().__init__(en)
        self.why = Name(zh, en)


class NotTried(Exception):
    """The check has nothing to go by, because of what failed before it."""

    def __init__(self, zh: str, en: str) -> None:
        super().__init__(en)
        self.why = Name(zh, en)


@dataclass(frozen=True, slots=True)
class Verdict:
    """`passed`: None when it was not tried. `why`: the reason, or a remark. `seconds`: how long it took."""

    id: str
    title: Name
    passed: bool | None
    why: Name = NOTHING
    seconds: float = 0.0


NO_ANSWER: Final[Mapping[str, Name]] = {
    "unreachable": Name("连接不上", "nobody answers there"),
    "timeout": Name(
        "没有按时回答（15 秒无数据，或共 20 秒）", "no answer in time (15 s of silence, 20 s in all)"
    ),
    "connection_lost": Name("回答中途断开，或不是 HTTP", "the answer broke off, or was no HTTP"),
    "certificate_refused": Name("证书不被信任", "its certificate is not trusted"),
    "name_unknown": Name("域名无法解析", "its name is not known"),
    "address_refused": Name(
        "地址不在许可网段内（--allow）", "its address is in no allowed network (--allow)"
    ),
    "address_malformed": Name("地址有误", "the address is malformed"),
}
FLAWS: Final[Mapping[str, Name]] = {
    "answer_packed": Name("回答是压缩的，我们从不解压", "the answer is packed, and we never unpack"),
    "answer_too_long": Name("回答超过 64 KB，已切断", "the answer is longer than 64 kB and was cut off"),
    "answer_too_deep": Name("回答的 JSON 嵌套过深，已切断", "the answer's JSON is too deep and was cut off"),
    "answer_not_json": Name("回答不是 JSON", "the answer is not JSON"),
    "answer_no_object": Name("回答不是 JSON 对象", "the answer is no JSON object"),
}
UNVERIFIED: Final[Mapping[str, Name]] = {
    "no_message_id": Name("没有 webhook-id", "without webhook-id"),
    "no_time": Name("没有 webhook-timestamp", "without webhook-timestamp"),
    "time_out_of_range": Name("时间相差超过 5 分钟", "its time is more than 5 minutes off"),
    "body_not_utf8": Name("正文不是 UTF-8", "its body is not UTF-8"),
    "no_matching_signature": Name("签名不符", "its signature does not match"),
}


def named(table: Mapping[str, Name], code: str) -> Name:
    """The sentence of a code; the code itself where there is none."""
    return table.get(code, Name(code, code))
