"""What a case is about and how it reached us. Names are data, for pages, texts and documents alike."""

from collections.abc import Mapping
from enum import StrEnum
from typing import Final

from services.domain.names import Name


class Kind(StrEnum):
    """What the caller wants. Decides which rules and which clocks apply."""

    WAGE_ARREARS = "wage_arrears"
    JOB_ASSISTANCE = "job_assistance"
    INQUIRY = "inquiry"
    SOCIAL_HELP = "social_help"
    THIRD_PARTY = "third_party"
    OTHER = "other"


class ReportType(StrEnum):
    """The two legal forms of a wage case (劳动保障监察条例 art 9).

    A complaint (投诉) is the harmed worker's own and named; a report (举报) is anyone's, in confidence.
    """

    COMPLAINT = "complaint"
    REPORT = "report"


class Channel(StrEnum):
    """The door through which a case came in."""

    PHONE = "phone"
    WEB = "web"
    VOICEMAIL = "voicemail"
    SMS = "sms"
    COUNTER = "counter"
    API = "api"


KIND_NAMES: Final[Mapping[Kind, Name]] = {
    Kind.WAGE_ARREARS: Name("拖欠工资", "Wage arrears"),
    Kind.JOB_ASSISTANCE: Name("就业援助", "Job assistance"),
    Kind.INQUIRY: Name("政策咨询", "Inquiry"),
    Kind.SOCIAL_HELP: Name("社会救助", "Social help"),
    Kind.THIRD_PARTY: Name("第三方请求", "Third-party request"),
    Kind.OTHER: Name("其他", "Other"),
}

REPORT_TYPE_NAMES: Final[Mapping[ReportType, Name]] = {
    ReportType.COMPLAINT: Name("投诉", "Complaint"),
    ReportType.REPORT: Name("举报", "Report"),
}

CHANNEL_NAMES: Final[Mapping[Channel, Name]] = {
    Channel.PHONE: Name("电话", "Phone"),
    Channel.WEB: Name("网站", "Web"),
    Channel.VOICEMAIL: Name("语音留言", "Voice mail"),
    Channel.SMS: Name("短信", "Text message"),
    Channel.COUNTER: Name("窗口", "Counter"),
    Channel.API: Name("系统对接", "Another system"),
}
