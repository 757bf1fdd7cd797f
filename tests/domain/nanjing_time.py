"""Nanjing's calendar as it was known at different times, and moments as people in Nanjing write them."""

from datetime import UTC, date, datetime, time
from zoneinfo import ZoneInfo

from hypothesis import strategies as st

from services.domain.city import City
from services.domain.clock_acts import start
from services.domain.clocks import RunningClock
from services.domain.periods import Clock
from services.domain.published_years import PublishedYear, Rest, packaged
from services.domain.work_calendar import Due, WorkCalendar
from tests.domain.city_folder import NANJING

CITY = City.load(NANJING)
ZONE = ZoneInfo("Asia/Shanghai")
CALENDAR = CITY.calendar


def known_until(year: int, *later: PublishedYear) -> WorkCalendar:
    """The calendar while the notice of `year` was the last; `later`: invented ones on top."""
    years = tuple(one for one in packaged() if one.year <= year)
    return WorkCalendar.of(CITY.hours, (*years, *later))


def local(text: str) -> datetime:
    """ "2026-09-18 10:00" in Nanjing, as an instant in UTC."""
    return datetime.fromisoformat(text).replace(tzinfo=ZONE).astimezone(UTC)


def shown(at: datetime) -> str:
    return f"{at.astimezone(ZONE):%Y-%m-%d %H:%M}"


def said(due: Due) -> str:
    return shown(due.at) + (" provisional" if due.provisional else "")


def running(clock_id: str, at: str, calendar: WorkCalendar = CALENDAR, urgent: bool = False) -> RunningClock:
    return start(CITY.clock(clock_id), local(at), calendar, urgent)


def due_of(clock: RunningClock) -> str:
    return said(Due(clock.due, clock.provisional))


def minutes_of_service(amount: int) -> Clock:
    """A clock of a kind that Nanjing has none of."""
    return CITY.clock("inquiry_reply").model_copy(update={"unit": "work_minutes", "amount": amount})


def rest(zh: str, first: str, last: str) -> Rest:
    return Rest(zh=zh, first=date.fromisoformat(first), last=date.fromisoformat(last))


INVENTED_2027 = PublishedYear(
    year=2027,
    notice="虚构，仅供测试",
    rest=(
        rest("元旦", "2027-01-01", "2027-01-03"),
        rest("春节", "2027-02-05", "2027-02-12"),
        rest("清明节", "2027-04-03", "2027-04-05"),
        rest("劳动节", "2027-05-01", "2027-05-05"),
        rest("端午节", "2027-06-09", "2027-06-09"),
        rest("中秋节", "2027-09-15", "2027-09-15"),
        rest("国庆节", "2027-10-01", "2027-10-07"),
    ),
    work=tuple(
        date.fromisoformat(day)
        for day in ("2027-01-31", "2027-02-13", "2027-05-08", "2027-09-26", "2027-10-09")
    ),
)

moments = st.builds(
    lambda day, clock: datetime.combine(day, clock, tzinfo=ZONE).astimezone(UTC),
    st.dates(date(2020, 1, 1), date(2028, 12, 31)),
    st.times()
    | st.sampled_from([time(hour, minute) for hour, minute in ((0, 0), (8, 30), (12, 0), (14, 0), (17, 30))]),
)
