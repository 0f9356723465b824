"""Courses of the library, walked by hand from the first session to maintenance.

Every day below was counted on a calendar, from the numbers the source publishes; `#` says how. Rows, in the order in
which things happen (`test_courses_by_hand.py` walks them):

    course   last target | first day for dye between first and last session, as the plan is made
    estimate review | opens | due | closes            before the first session is done
    due      n | given | earliest | target | latest   as it stands then
    note     what moved the days of the row above
    booked   n | on | days for dye since the session before | next day for dye, the whole plan known
    done     n | on | how | dye again after what was done | days for dye until the next | next day for dye
    review   review | opens | due | closes            once the first session is done
    booster  like due: maintenance

Sessions last from 14:00 to 15:00. Dye: not for 4 weeks after, so again on the 29th day; not from the 7th day before.
So 36 days apart leave none, 37 leave one.
"""

from dataclasses import dataclass, field


@dataclass(frozen=True)
class Walk:
    protocol: str
    starts: str
    rows: str
    zone: str = "Asia/Singapore"
    counts: dict[str, int] = field(default_factory=dict)

    @property
    def name(self):
        return f"{self.protocol}, {self.starts}" + (f", {self.counts}" if self.counts else "")

    @property
    def is_only_dated(self):
        """Return whether the table stops at the plan as it is made."""
        return "\ndone " not in self.rows


OCTOBER = """
estimate baseline | Mon 21 Sep 2026 | Mon 5 Oct 2026 | Mon 5 Oct 2026     # 2 weeks before; closes with the day
estimate month-3  | Tue 22 Dec 2026 | Tue 5 Jan 2027 | Tue 2 Feb 2027     # 5 Oct + 3 months; −2 weeks, +4 weeks
estimate month-6  | Mon 22 Mar 2027 | Mon 5 Apr 2027 | Mon 3 May 2027
"""
OCTOBER_LAST = """
estimate month-12 | Tue 21 Sep 2027 | Tue 5 Oct 2027 | Tue 2 Nov 2027
"""
JANUARY = """
estimate baseline | Sun 17 Jan 2027 | Sun 31 Jan 2027 | Sun 31 Jan 2027
estimate month-3  | Fri 16 Apr 2027 | Fri 30 Apr 2027 | Fri 28 May 2027   # 31 Jan + 3 months: April has 30 days
estimate month-6  | Sat 17 Jul 2027 | Sat 31 Jul 2027 | Sat 28 Aug 2027
"""

# 4 sessions, 4 / 5 / 6 weeks apart.
STANDARD = """
course   Mon 18 Jan 2027 | none                   # 5 Oct + 15 weeks; 35 days apart leave no day for dye
due      1 | exosome 1 | Mon 5 Oct 2026 | Mon 5 Oct 2026 | Mon 19 Oct 2026   # 1 week of slack, but at least 2
# 5 Oct + 28 days = 2 Nov, 15:00: the first whole day is 3 Nov. Last target 18 Jan + 28 = 15 Feb, so 16 Feb.
done     1 | Mon 5 Oct 2026 | on target | Tue 3 Nov 2026 | none | Tue 16 Feb 2027
review   baseline | Mon 21 Sep 2026 | Mon 5 Oct 2026 | Mon 5 Oct 2026
review   month-3  | Tue 22 Dec 2026 | Tue 5 Jan 2027 | Tue 2 Feb 2027
review   month-6  | Mon 22 Mar 2027 | Mon 5 Apr 2027 | Mon 3 May 2027
review   month-12 | Tue 21 Sep 2027 | Tue 5 Oct 2027 | Tue 2 Nov 2027
due      2 | exosome 2 | Mon 2 Nov 2026 | Mon 9 Nov 2026 | Mon 16 Nov 2026   # 5 Oct + 28, 35, 42 days
# 4 Nov + 28 = 2 Dec. Then 9 Dec, 13 Jan; 13 Jan + 28 = 10 Feb.
done     2 | Wed 4 Nov 2026 | early | Thu 3 Dec 2026 | none | Thu 11 Feb 2027
due      3 | exosome 3 | Wed 2 Dec 2026 | Wed 9 Dec 2026 | Wed 16 Dec 2026   # 4 Nov + 28, 35, 42 days
# 22 Dec + 28 = 19 Jan. Then 26 Jan, and 26 Jan + 28 = 23 Feb.
done     3 | Tue 22 Dec 2026 | late | Wed 20 Jan 2027 | none | Wed 24 Feb 2027
due      4 | exosome 4 | Tue 19 Jan 2027 | Tue 26 Jan 2027 | Tue 2 Feb 2027  # 22 Dec + 28, 35, 42 days
# 42 days apart: dye again on 20 Jan, and no more from 2 Feb − 7 = 26 Jan.
booked   4 | Tue 2 Feb 2027 | Wed 20 Jan 2027 to Mon 25 Jan 2027 | Wed 20 Jan 2027
done     4 | Tue 2 Feb 2027 | in time | Wed 3 Mar 2027 | - | Wed 3 Mar 2027  # 2 Feb + 28 = 2 Mar
booster  5 | exosome 5 | Mon 2 Aug 2027 | Mon 2 Aug 2027 | Wed 2 Feb 2028    # 2 Feb + 6, 6, 12 months
done     5 | Fri 20 Aug 2027 | in time | Sat 18 Sep 2027 | - | Sat 18 Sep 2027
booster  6 | exosome 6 | Sun 20 Feb 2028 | Sun 20 Feb 2028 | Sun 20 Aug 2028
"""

# 1 session; should one be added, 3 / 4 / 6 months. Slack: 5 Apr − 5 Feb = 59 days, 5 Oct + 59 = 3 Dec.
SINGLE = """
due      1 | exosome 1 | Mon 5 Oct 2026 | Mon 5 Oct 2026 | Thu 3 Dec 2026
done     1 | Thu 10 Dec 2026 | late | Fri 8 Jan 2027 | - | Fri 8 Jan 2027    # 10 Dec + 28 = 7 Jan
review   baseline | Thu 26 Nov 2026 | Thu 10 Dec 2026 | Thu 10 Dec 2026
review   month-3  | Wed 24 Feb 2027 | Wed 10 Mar 2027 | Wed 7 Apr 2027       # counted from 10 Dec, no longer from 5 Oct
review   month-6  | Thu 27 May 2027 | Thu 10 Jun 2027 | Thu 8 Jul 2027
booster  2 | exosome 2 | Thu 10 Jun 2027 | Thu 10 Jun 2027 | Fri 10 Dec 2027
done     2 | Mon 14 Jun 2027 | in time | Tue 13 Jul 2027 | - | Tue 13 Jul 2027
booster  3 | exosome 3 | Tue 14 Dec 2027 | Tue 14 Dec 2027 | Wed 14 Jun 2028
"""

# From 31 Jan. Slack: 31 Jul − 31 May = 61 days; 31 Jan + 61: 28 in February, 31 in March, 2 Apr.
SINGLE_AT_A_MONTHS_END = """
due      1 | exosome 1 | Sun 31 Jan 2027 | Sun 31 Jan 2027 | Fri 2 Apr 2027
done     1 | Wed 31 Mar 2027 | in time | Thu 29 Apr 2027 | - | Thu 29 Apr 2027
review   baseline | Wed 17 Mar 2027 | Wed 31 Mar 2027 | Wed 31 Mar 2027
review   month-3  | Wed 16 Jun 2027 | Wed 30 Jun 2027 | Wed 28 Jul 2027
review   month-6  | Thu 16 Sep 2027 | Thu 30 Sep 2027 | Thu 28 Oct 2027
booster  2 | exosome 2 | Thu 30 Sep 2027 | Thu 30 Sep 2027 | Fri 31 Mar 2028  # 31 Mar + 6 months: September has 30 days
done     2 | Thu 30 Sep 2027 | on target | Fri 29 Oct 2027 | - | Fri 29 Oct 2027
booster  3 | exosome 3 | Fri 31 Mar 2028 | Fri 31 Mar 2028 | Sat 30 Sep 2028  # 31 Mar + 12, 12, 18 months, not chained
"""

# 4 sessions, 1 week / 10 days / 2 weeks apart.
WEEKLY = """
course   Wed 4 Nov 2026 | none                    # 5 Oct + 30 days
due      1 | exosome 1 | Mon 5 Oct 2026 | Mon 5 Oct 2026 | Mon 19 Oct 2026   # 4 days of slack, but at least 2 weeks
# 7 Oct + 28 = 4 Nov. Then 17 Oct, 27 Oct, 6 Nov, and 6 Nov + 28 = 4 Dec.
done     1 | Wed 7 Oct 2026 | in time | Thu 5 Nov 2026 | none | Sat 5 Dec 2026
review   baseline | Wed 23 Sep 2026 | Wed 7 Oct 2026 | Wed 7 Oct 2026
review   month-3  | Thu 24 Dec 2026 | Thu 7 Jan 2027 | Thu 4 Feb 2027
review   month-6  | Wed 24 Mar 2027 | Wed 7 Apr 2027 | Wed 5 May 2027
due      2 | exosome 2 | Wed 14 Oct 2026 | Sat 17 Oct 2026 | Wed 21 Oct 2026 # 7 Oct + 7, 10, 14 days
# 14 Oct + 28 = 11 Nov. Then 24 Oct, 3 Nov, and 3 Nov + 28 = 1 Dec.
done     2 | Wed 14 Oct 2026 | early | Thu 12 Nov 2026 | none | Wed 2 Dec 2026
due      3 | exosome 3 | Wed 21 Oct 2026 | Sat 24 Oct 2026 | Wed 28 Oct 2026 # 14 Oct + 7, 10, 14 days
booked   3 | Tue 27 Oct 2026 | none | Sat 5 Dec 2026                         # then 6 Nov, + 28 = 4 Dec
due      4 | exosome 4 | Tue 3 Nov 2026 | Fri 6 Nov 2026 | Tue 10 Nov 2026   # 27 Oct + 7, 10, 14 days
# 30 Oct + 28 = 27 Nov. Then 9 Nov, and 9 Nov + 28 = 7 Dec.
done     3 | Fri 30 Oct 2026 | late | Sat 28 Nov 2026 | none | Tue 8 Dec 2026
due      4 | exosome 4 | Fri 6 Nov 2026 | Mon 9 Nov 2026 | Fri 13 Nov 2026   # 30 Oct + 7, 10, 14 days
done     4 | Mon 9 Nov 2026 | on target | Tue 8 Dec 2026 | - | Tue 8 Dec 2026
booster  5 | exosome 5 | Sun 9 May 2027 | Sun 9 May 2027 | Tue 9 Nov 2027
done     5 | Sun 9 May 2027 | on target | Mon 7 Jun 2027 | - | Mon 7 Jun 2027
booster  6 | exosome 6 | Tue 9 Nov 2027 | Tue 9 Nov 2027 | Tue 9 May 2028
"""

# 4 sessions, 3 weeks / 25 days / 4 weeks apart.
SHORT = """
course   Sat 19 Dec 2026 | none                   # 5 Oct + 75 days
due      1 | exosome 1 | Mon 5 Oct 2026 | Mon 5 Oct 2026 | Mon 19 Oct 2026
# Then 30 Oct, 24 Nov, 19 Dec; 19 Dec + 28 = 16 Jan.
done     1 | Mon 5 Oct 2026 | on target | Tue 3 Nov 2026 | none | Sun 17 Jan 2027
review   baseline | Mon 21 Sep 2026 | Mon 5 Oct 2026 | Mon 5 Oct 2026
review   month-3  | Tue 22 Dec 2026 | Tue 5 Jan 2027 | Tue 2 Feb 2027
review   month-6  | Mon 22 Mar 2027 | Mon 5 Apr 2027 | Mon 3 May 2027
review   month-12 | Tue 21 Sep 2027 | Tue 5 Oct 2027 | Tue 2 Nov 2027
due      2 | exosome 2 | Mon 26 Oct 2026 | Fri 30 Oct 2026 | Mon 2 Nov 2026  # 5 Oct + 21, 25, 28 days
booked   2 | Mon 2 Nov 2026 | none | Wed 20 Jan 2027                         # then 27 Nov, 22 Dec; + 28 = 19 Jan
due      3 | exosome 3 | Mon 23 Nov 2026 | Fri 27 Nov 2026 | Mon 30 Nov 2026 # 2 Nov + 21, 25, 28 days
done     2 | Mon 2 Nov 2026 | in time | Tue 1 Dec 2026 | none | Wed 20 Jan 2027
due      3 | exosome 3 | Mon 23 Nov 2026 | Fri 27 Nov 2026 | Mon 30 Nov 2026
# 2 Nov to 11 Dec are 39 days: three are left, 1 Dec until the day before 11 Dec − 7 = 4 Dec.
booked   3 | Fri 11 Dec 2026 | Tue 1 Dec 2026 to Thu 3 Dec 2026 | Tue 1 Dec 2026
# 11 Dec + 28 = 8 Jan. Then 5 Jan, and 5 Jan + 28 = 2 Feb.
done     3 | Fri 11 Dec 2026 | late | Sat 9 Jan 2027 | none | Wed 3 Feb 2027
due      4 | exosome 4 | Fri 1 Jan 2027 | Tue 5 Jan 2027 | Fri 8 Jan 2027    # 11 Dec + 21, 25, 28 days
done     4 | Sat 2 Jan 2027 | early | Sun 31 Jan 2027 | - | Sun 31 Jan 2027
booster  5 | exosome 5 | Fri 2 Jul 2027 | Fri 2 Jul 2027 | Sun 2 Jan 2028
done     5 | Mon 10 Jan 2028 | late | Tue 8 Feb 2028 | - | Tue 8 Feb 2028
booster  6 | exosome 6 | Mon 10 Jul 2028 | Mon 10 Jul 2028 | Wed 10 Jan 2029
"""

# 6 sessions, 3 / 4 / 6 months apart. Slack of the first: 5 Apr − 5 Feb = 59 days, 5 Oct + 59 = 3 Dec.
LONG = """
course   Mon 5 Jun 2028 | Tue 3 Nov 2026          # 5 Oct 2026 + 20 months
due      1 | exosome 1 | Mon 5 Oct 2026 | Mon 5 Oct 2026 | Thu 3 Dec 2026
# 14 Oct + 28 = 11 Nov. Until the day before 14 Feb − 7 = 7 Feb.
done     1 | Wed 14 Oct 2026 | in time | Thu 12 Nov 2026 | Thu 12 Nov 2026 to Sat 6 Feb 2027 | Thu 12 Nov 2026
review   baseline | Wed 30 Sep 2026 | Wed 14 Oct 2026 | Wed 14 Oct 2026
review   month-3  | Thu 31 Dec 2026 | Thu 14 Jan 2027 | Thu 11 Feb 2027
review   month-6  | Wed 31 Mar 2027 | Wed 14 Apr 2027 | Wed 12 May 2027
review   month-12 | Thu 30 Sep 2027 | Thu 14 Oct 2027 | Thu 11 Nov 2027
due      2 | exosome 2 | Thu 14 Jan 2027 | Sun 14 Feb 2027 | Wed 14 Apr 2027 # 14 Oct + 3, 4, 6 months
done     2 | Mon 1 Feb 2027 | early | Tue 2 Mar 2027 | Tue 2 Mar 2027 to Mon 24 May 2027 | Tue 2 Mar 2027
due      3 | exosome 3 | Sat 1 May 2027 | Tue 1 Jun 2027 | Sun 1 Aug 2027    # 1 Feb + 3, 4, 6 months
booked   3 | Thu 3 Jun 2027 | Tue 2 Mar 2027 to Wed 26 May 2027 | Tue 2 Mar 2027
due      4 | exosome 4 | Fri 3 Sep 2027 | Sun 3 Oct 2027 | Fri 3 Dec 2027
done     3 | Thu 3 Jun 2027 | in time | Fri 2 Jul 2027 | Fri 2 Jul 2027 to Sat 25 Sep 2027 | Fri 2 Jul 2027
due      4 | exosome 4 | Fri 3 Sep 2027 | Sun 3 Oct 2027 | Fri 3 Dec 2027    # 3 Jun + 3, 4, 6 months
done     4 | Wed 15 Dec 2027 | late | Thu 13 Jan 2028 | Thu 13 Jan 2028 to Fri 7 Apr 2028 | Thu 13 Jan 2028
due      5 | exosome 5 | Wed 15 Mar 2028 | Sat 15 Apr 2028 | Thu 15 Jun 2028 # 15 Dec + 3, 4, 6 months
done     5 | Sat 15 Apr 2028 | on target | Sun 14 May 2028 | Sun 14 May 2028 to Mon 7 Aug 2028 | Sun 14 May 2028
due      6 | exosome 6 | Sat 15 Jul 2028 | Tue 15 Aug 2028 | Sun 15 Oct 2028
done     6 | Tue 15 Aug 2028 | on target | Wed 13 Sep 2028 | - | Wed 13 Sep 2028
booster  7 | exosome 7 | Thu 15 Feb 2029 | Thu 15 Feb 2029 | Wed 15 Aug 2029
done     7 | Thu 1 Mar 2029 | in time | Fri 30 Mar 2029 | - | Fri 30 Mar 2029
booster  8 | exosome 8 | Sat 1 Sep 2029 | Sat 1 Sep 2029 | Fri 1 Mar 2030
"""

# The same from 31 Jan: months clamp to the month's end and are never chained.
LONG_AT_A_MONTHS_END = """
estimate month-12 | Mon 17 Jan 2028 | Mon 31 Jan 2028 | Mon 28 Feb 2028
course   Sat 30 Sep 2028 | Mon 1 Mar 2027         # 31 Jan 2027 + 20 months
due      1 | exosome 1 | Sun 31 Jan 2027 | Sun 31 Jan 2027 | Fri 2 Apr 2027  # 61 days of slack, as above
done     1 | Sun 31 Jan 2027 | on target | Mon 1 Mar 2027 | Mon 1 Mar 2027 to Sun 23 May 2027 | Mon 1 Mar 2027
review   baseline | Sun 17 Jan 2027 | Sun 31 Jan 2027 | Sun 31 Jan 2027
review   month-3  | Fri 16 Apr 2027 | Fri 30 Apr 2027 | Fri 28 May 2027
review   month-6  | Sat 17 Jul 2027 | Sat 31 Jul 2027 | Sat 28 Aug 2027
review   month-12 | Mon 17 Jan 2028 | Mon 31 Jan 2028 | Mon 28 Feb 2028
due      2 | exosome 2 | Fri 30 Apr 2027 | Mon 31 May 2027 | Sat 31 Jul 2027 # 31 Jan + 3, 4, 6 months
done     2 | Mon 31 May 2027 | on target | Tue 29 Jun 2027 | Tue 29 Jun 2027 to Wed 22 Sep 2027 | Tue 29 Jun 2027
due      3 | exosome 3 | Tue 31 Aug 2027 | Thu 30 Sep 2027 | Tue 30 Nov 2027 # 31 Jan + 7, 8, 10 months
done     3 | Thu 30 Sep 2027 | on target | Fri 29 Oct 2027 | Fri 29 Oct 2027 to Sun 23 Jan 2028 | Fri 29 Oct 2027
# 31 Jan + 11, 12, 14 months. Chained from 30 Sep it would be the 30th each time.
due      4 | exosome 4 | Fri 31 Dec 2027 | Mon 31 Jan 2028 | Fri 31 Mar 2028
done     4 | Fri 31 Dec 2027 | early | Sat 29 Jan 2028 | Sat 29 Jan 2028 to Sat 22 Apr 2028 | Sat 29 Jan 2028
due      5 | exosome 5 | Fri 31 Mar 2028 | Sun 30 Apr 2028 | Fri 30 Jun 2028 # 31 Dec + 3, 4, 6 months
done     5 | Mon 31 Jul 2028 | late | Tue 29 Aug 2028 | Tue 29 Aug 2028 to Wed 22 Nov 2028 | Tue 29 Aug 2028
due      6 | exosome 6 | Tue 31 Oct 2028 | Thu 30 Nov 2028 | Wed 31 Jan 2029 # 31 Jul + 3, 4, 6 months
done     6 | Thu 30 Nov 2028 | on target | Fri 29 Dec 2028 | - | Fri 29 Dec 2028
booster  7 | exosome 7 | Wed 30 May 2029 | Wed 30 May 2029 | Fri 30 Nov 2029 # 6, 6, 12 months after the last session
"""

EXOSOME_WALKS = (
    Walk("exosome-monthly-standard", "Mon 5 Oct 2026", OCTOBER + OCTOBER_LAST + STANDARD),
    Walk("exosome-single-then-review", "Mon 5 Oct 2026", OCTOBER + SINGLE),
    Walk("exosome-single-then-review", "Sun 31 Jan 2027", JANUARY + SINGLE_AT_A_MONTHS_END),
    Walk("exosome-weekly-intensive", "Mon 5 Oct 2026", OCTOBER + WEEKLY),
    Walk("exosome-monthly-short", "Mon 5 Oct 2026", OCTOBER + OCTOBER_LAST + SHORT),
    Walk("exosome-long-interval", "Mon 5 Oct 2026", OCTOBER + OCTOBER_LAST + LONG),
    Walk("exosome-long-interval", "Sun 31 Jan 2027", JANUARY + LONG_AT_A_MONTHS_END),
)
