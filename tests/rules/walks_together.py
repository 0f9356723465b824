"""PRP, both combinations, topical injections and maintenance, walked by hand. How to read the rows: `walks.py`."""

from tests.rules.walks import JANUARY, OCTOBER, OCTOBER_LAST, Walk

# 4 sessions, 4 / 5 / 6 weeks apart, in Cairo: its clocks go back in the night after Thu 29 Oct 2026.
PRP = """
course   Mon 18 Jan 2027 | none
due      1 | prp 1 | Mon 5 Oct 2026 | Mon 5 Oct 2026 | Mon 19 Oct 2026
# 9 Oct, 15:00 + 28 days = 6 Nov, 15:00 by the clock and 14:00 in hours. Then 13 Nov, 18 Dec, 22 Jan; + 28 = 19 Feb.
done     1 | Fri 9 Oct 2026 | in time | Sat 7 Nov 2026 | none | Sat 20 Feb 2027
review   baseline | Fri 25 Sep 2026 | Fri 9 Oct 2026 | Fri 9 Oct 2026
review   month-3  | Sat 26 Dec 2026 | Sat 9 Jan 2027 | Sat 6 Feb 2027
review   month-6  | Fri 26 Mar 2027 | Fri 9 Apr 2027 | Fri 7 May 2027
due      2 | prp 2 | Fri 6 Nov 2026 | Fri 13 Nov 2026 | Fri 20 Nov 2026      # 9 Oct + 28, 35, 42 days
# 44 days apart: from 7 Nov until the day before 22 Nov − 7 = 15 Nov.
booked   2 | Sun 22 Nov 2026 | Sat 7 Nov 2026 to Sat 14 Nov 2026 | Sat 7 Nov 2026
due      3 | prp 3 | Sun 20 Dec 2026 | Sun 27 Dec 2026 | Sun 3 Jan 2027      # 22 Nov + 28, 35, 42 days
# 22 Nov + 28 = 20 Dec. Then 27 Dec, 31 Jan; 31 Jan + 28 = 28 Feb.
done     2 | Sun 22 Nov 2026 | late | Mon 21 Dec 2026 | none | Mon 1 Mar 2027
due      3 | prp 3 | Sun 20 Dec 2026 | Sun 27 Dec 2026 | Sun 3 Jan 2027
done     3 | Mon 21 Dec 2026 | early | Tue 19 Jan 2027 | none | Tue 23 Feb 2027  # then 25 Jan, + 28 = 22 Feb
due      4 | prp 4 | Mon 18 Jan 2027 | Mon 25 Jan 2027 | Mon 1 Feb 2027      # 21 Dec + 28, 35, 42 days
done     4 | Mon 25 Jan 2027 | on target | Tue 23 Feb 2027 | - | Tue 23 Feb 2027
booster  5 | prp 5 | Sun 25 Jul 2027 | Sun 25 Jul 2027 | Tue 25 Jan 2028     # 25 Jan + 6, 6, 12 months
done     5 | Thu 29 Jul 2027 | in time | Fri 27 Aug 2027 | - | Fri 27 Aug 2027
booster  6 | prp 6 | Sat 29 Jan 2028 | Sat 29 Jan 2028 | Sat 29 Jul 2028
"""

# 4 of each, 4 / 5 / 6 weeks apart, always on one day.
SAME_DAY = """
course   Mon 18 Jan 2027 | none
due      1 | exosome 1 + prp 1 | Mon 5 Oct 2026 | Mon 5 Oct 2026 | Mon 19 Oct 2026
# 6 Oct + 28 = 3 Nov. Then 10 Nov, 15 Dec, 19 Jan; 19 Jan + 28 = 16 Feb.
done     1 | Tue 6 Oct 2026 | in time | Wed 4 Nov 2026 | none | Wed 17 Feb 2027
review   baseline | Tue 22 Sep 2026 | Tue 6 Oct 2026 | Tue 6 Oct 2026
review   month-3  | Wed 23 Dec 2026 | Wed 6 Jan 2027 | Wed 3 Feb 2027
review   month-6  | Tue 23 Mar 2027 | Tue 6 Apr 2027 | Tue 4 May 2027
review   month-12 | Wed 22 Sep 2027 | Wed 6 Oct 2027 | Wed 3 Nov 2027
due      2 | exosome 2 + prp 2 | Tue 3 Nov 2026 | Tue 10 Nov 2026 | Tue 17 Nov 2026
done     2 | Tue 10 Nov 2026 | on target | Wed 9 Dec 2026 | none | Wed 17 Feb 2027
due      3 | exosome 3 + prp 3 | Tue 8 Dec 2026 | Tue 15 Dec 2026 | Tue 22 Dec 2026
# 10 Nov to 17 Dec are 37 days, which leave one: 10 Nov + 29 = 9 Dec = 17 Dec − 8.
booked   3 | Thu 17 Dec 2026 | Wed 9 Dec 2026 to Wed 9 Dec 2026 | Wed 9 Dec 2026
due      4 | exosome 4 + prp 4 | Thu 14 Jan 2027 | Thu 21 Jan 2027 | Thu 28 Jan 2027  # 17 Dec + 28, 35, 42 days
done     3 | Thu 17 Dec 2026 | in time | Fri 15 Jan 2027 | none | Fri 19 Feb 2027     # then 21 Jan, + 28 = 18 Feb
due      4 | exosome 4 + prp 4 | Thu 14 Jan 2027 | Thu 21 Jan 2027 | Thu 28 Jan 2027
done     4 | Fri 5 Feb 2027 | late | Sat 6 Mar 2027 | - | Sat 6 Mar 2027
booster  5 | exosome 5 + prp 5 | Thu 5 Aug 2027 | Thu 5 Aug 2027 | Sat 5 Feb 2028
done     5 | Wed 11 Aug 2027 | in time | Thu 9 Sep 2027 | - | Thu 9 Sep 2027
booster  6 | exosome 6 + prp 6 | Fri 11 Feb 2028 | Fri 11 Feb 2028 | Fri 11 Aug 2028
"""

# 3 exosome and 5 PRP sessions: three visits together, then PRP alone in the same rhythm.
SAME_DAY_UNEVEN = """
course   Mon 22 Feb 2027 | none                   # 5 Oct + 20 weeks
due      1 | exosome 1 + prp 1 | Mon 5 Oct 2026 | Mon 5 Oct 2026 | Mon 19 Oct 2026
due      2 | exosome 2 + prp 2 | Mon 2 Nov 2026 | Mon 9 Nov 2026 | Mon 16 Nov 2026
due      3 | exosome 3 + prp 3 | Mon 7 Dec 2026 | Mon 14 Dec 2026 | Mon 21 Dec 2026
due      4 | prp 4 | Mon 11 Jan 2027 | Mon 18 Jan 2027 | Mon 25 Jan 2027
due      5 | prp 5 | Mon 15 Feb 2027 | Mon 22 Feb 2027 | Mon 1 Mar 2027
"""

# 4 of each, 4 / 5 / 6 weeks apart; PRP begins 2 weeks after the plan, and a week at least lies between the two.
STAGGERED = """
course   Mon 1 Feb 2027 | none                    # 19 Oct + 15 weeks
due      1 | exosome 1 | Mon 5 Oct 2026 | Mon 5 Oct 2026 | Mon 19 Oct 2026
due      2 | prp 1 | Mon 19 Oct 2026 | Mon 19 Oct 2026 | Mon 2 Nov 2026      # 5 Oct + 2 weeks; 2 weeks of slack
# PRP 22 Oct, 26 Nov, 31 Dec, 4 Feb; exosome 19 Nov, 24 Dec, 28 Jan. The last: 4 Feb + 28 = 4 Mar.
done     1 | Thu 15 Oct 2026 | in time | Fri 13 Nov 2026 | none | Fri 5 Mar 2027
review   baseline | Thu 1 Oct 2026 | Thu 15 Oct 2026 | Thu 15 Oct 2026
review   month-3  | Fri 1 Jan 2027 | Fri 15 Jan 2027 | Fri 12 Feb 2027
review   month-6  | Thu 1 Apr 2027 | Thu 15 Apr 2027 | Thu 13 May 2027
review   month-12 | Fri 1 Oct 2027 | Fri 15 Oct 2027 | Fri 12 Nov 2027
due      2 | prp 1 | Thu 22 Oct 2026 | Thu 22 Oct 2026 | Mon 2 Nov 2026      # 15 Oct + 7 is later than 19 Oct
note     Not before Thu 22 Oct 2026: at least 1 week between exosome and PRP, and session 1 is on Thu 15 Oct 2026.
# PRP 4 Dec, 8 Jan, 12 Feb; exosome as before. 12 Feb + 28 = 12 Mar.
done     2 | Fri 30 Oct 2026 | in time | Sat 28 Nov 2026 | none | Sat 13 Mar 2027
due      3 | exosome 2 | Thu 12 Nov 2026 | Thu 19 Nov 2026 | Thu 26 Nov 2026 # 15 Oct + 28, 35, 42; 30 Oct + 7 is earlier
# PRP 7 Dec, 11 Jan, 15 Feb; exosome 4 Jan, 8 Feb. 15 Feb + 28 = 15 Mar.
done     3 | Mon 30 Nov 2026 | late | Tue 29 Dec 2026 | none | Tue 16 Mar 2027
# 30 Oct + 28, 35, 42 = 27 Nov, 4 Dec, 11 Dec; pushed to 30 Nov + 7 = 7 Dec.
due      4 | prp 2 | Mon 7 Dec 2026 | Mon 7 Dec 2026 | Fri 11 Dec 2026
note     Not before Mon 7 Dec 2026: at least 1 week between exosome and PRP, and session 3 is on Mon 30 Nov 2026.
booked   4 | Wed 9 Dec 2026 | none | Thu 18 Mar 2027                         # PRP 13 Jan, 17 Feb; + 28 = 17 Mar
due      5 | exosome 3 | Mon 28 Dec 2026 | Mon 4 Jan 2027 | Mon 11 Jan 2027  # 30 Nov + 28, 35, 42; 9 Dec + 7 is earlier
done     4 | Wed 9 Dec 2026 | in time | Thu 7 Jan 2027 | none | Thu 18 Mar 2027
due      5 | exosome 3 | Mon 28 Dec 2026 | Mon 4 Jan 2027 | Mon 11 Jan 2027
done     5 | Mon 4 Jan 2027 | on target | Tue 2 Feb 2027 | none | Thu 18 Mar 2027
due      6 | prp 3 | Mon 11 Jan 2027 | Wed 13 Jan 2027 | Wed 20 Jan 2027     # 9 Dec + 28 = 6 Jan, but 4 Jan + 7 = 11 Jan
note     Not before Mon 11 Jan 2027: at least 1 week between exosome and PRP, and session 5 is on Mon 4 Jan 2027.
done     6 | Tue 12 Jan 2027 | early | Wed 10 Feb 2027 | none | Wed 17 Mar 2027  # PRP 16 Feb, + 28 = 16 Mar
due      7 | exosome 4 | Mon 1 Feb 2027 | Mon 8 Feb 2027 | Mon 15 Feb 2027   # 4 Jan + 28, 35, 42; 12 Jan + 7 is earlier
booked   7 | Fri 12 Feb 2027 | none | Sat 20 Mar 2027                        # PRP pushed to 19 Feb; + 28 = 19 Mar
due      8 | prp 4 | Fri 19 Feb 2027 | Fri 19 Feb 2027 | Tue 23 Feb 2027     # 12 Jan + 28, 35 are earlier; + 42 = 23 Feb
note     Not before Fri 19 Feb 2027: at least 1 week between exosome and PRP, and session 7 is on Fri 12 Feb 2027.
done     7 | Fri 12 Feb 2027 | in time | Sat 13 Mar 2027 | none | Sat 20 Mar 2027
due      8 | prp 4 | Fri 19 Feb 2027 | Fri 19 Feb 2027 | Tue 23 Feb 2027
note     Not before Fri 19 Feb 2027: at least 1 week between exosome and PRP, and session 7 is on Fri 12 Feb 2027.
done     8 | Fri 19 Feb 2027 | on target | Sat 20 Mar 2027 | - | Sat 20 Mar 2027
booster  9 | exosome 5 | Thu 19 Aug 2027 | Thu 19 Aug 2027 | Sat 19 Feb 2028 # 6, 6, 12 months after the last session
done     9 | Mon 23 Aug 2027 | in time | Tue 21 Sep 2027 | - | Tue 21 Sep 2027
booster  10 | exosome 6 | Wed 23 Feb 2028 | Wed 23 Feb 2028 | Wed 23 Aug 2028
"""

# 3 sessions, 2 / 3 / 4 weeks apart. No source gives maintenance.
MESOTHERAPY = """
course   Mon 16 Nov 2026 | none                   # 5 Oct + 6 weeks
due      1 | mesotherapy 1 | Mon 5 Oct 2026 | Mon 5 Oct 2026 | Mon 19 Oct 2026
done     1 | Mon 5 Oct 2026 | on target | Tue 3 Nov 2026 | none | Tue 15 Dec 2026  # last 16 Nov, + 28 = 14 Dec
review   baseline | Mon 21 Sep 2026 | Mon 5 Oct 2026 | Mon 5 Oct 2026
review   month-3  | Tue 22 Dec 2026 | Tue 5 Jan 2027 | Tue 2 Feb 2027
review   month-6  | Mon 22 Mar 2027 | Mon 5 Apr 2027 | Mon 3 May 2027
due      2 | mesotherapy 2 | Mon 19 Oct 2026 | Mon 26 Oct 2026 | Mon 2 Nov 2026
done     2 | Wed 21 Oct 2026 | early | Thu 19 Nov 2026 | none | Thu 10 Dec 2026    # last 11 Nov, + 28 = 9 Dec
due      3 | mesotherapy 3 | Wed 4 Nov 2026 | Wed 11 Nov 2026 | Wed 18 Nov 2026    # 21 Oct + 14, 21, 28 days
# 21 Oct to 30 Nov are 40 days: from 19 Nov until the day before 30 Nov − 7 = 23 Nov.
booked   3 | Mon 30 Nov 2026 | Thu 19 Nov 2026 to Sun 22 Nov 2026 | Thu 19 Nov 2026
done     3 | Mon 30 Nov 2026 | late | Tue 29 Dec 2026 | - | Tue 29 Dec 2026
"""

# 4 boosters in a plan of their own, 6 / 6 / 12 months apart. Slack: 31 Jan 2028 − 31 Jul 2027 = 184 days.
MAINTENANCE = """
course   Mon 31 Jul 2028 | Mon 1 Mar 2027         # 31 Jan 2027 + 18 months
due      1 | exosome 1 | Sun 31 Jan 2027 | Sun 31 Jan 2027 | Tue 3 Aug 2027  # 31 Jan + 181 = 31 Jul, + 3
done     1 | Sun 31 Jan 2027 | on target | Mon 1 Mar 2027 | Mon 1 Mar 2027 to Fri 23 Jul 2027 | Mon 1 Mar 2027
review   baseline | Sun 17 Jan 2027 | Sun 31 Jan 2027 | Sun 31 Jan 2027
review   month-3  | Fri 16 Apr 2027 | Fri 30 Apr 2027 | Fri 28 May 2027
review   month-6  | Sat 17 Jul 2027 | Sat 31 Jul 2027 | Sat 28 Aug 2027
due      2 | exosome 2 | Sat 31 Jul 2027 | Sat 31 Jul 2027 | Mon 31 Jan 2028
done     2 | Tue 31 Aug 2027 | in time | Wed 29 Sep 2027 | Wed 29 Sep 2027 to Mon 21 Feb 2028 | Wed 29 Sep 2027
due      3 | exosome 3 | Tue 29 Feb 2028 | Tue 29 Feb 2028 | Thu 31 Aug 2028 # 31 Aug + 6 months: a leap year's February
done     3 | Tue 29 Feb 2028 | on target | Wed 29 Mar 2028 | Wed 29 Mar 2028 to Wed 23 Aug 2028 | Wed 29 Mar 2028
due      4 | exosome 4 | Thu 31 Aug 2028 | Thu 31 Aug 2028 | Wed 28 Feb 2029 # 31 Aug 2027 + 12, 12, 18 months
done     4 | Thu 14 Sep 2028 | in time | Fri 13 Oct 2028 | - | Fri 13 Oct 2028
booster  5 | exosome 5 | Wed 14 Mar 2029 | Wed 14 Mar 2029 | Fri 14 Sep 2029
done     5 | Wed 14 Mar 2029 | on target | Thu 12 Apr 2029 | - | Thu 12 Apr 2029
booster  6 | exosome 6 | Fri 14 Sep 2029 | Fri 14 Sep 2029 | Thu 14 Mar 2030
"""

OTHER_WALKS = (
    Walk("prp", "Mon 5 Oct 2026", OCTOBER + PRP, zone="Africa/Cairo"),
    Walk("exosome-prp-same-day", "Mon 5 Oct 2026", OCTOBER + OCTOBER_LAST + SAME_DAY),
    Walk(
        "exosome-prp-same-day",
        "Mon 5 Oct 2026",
        OCTOBER + OCTOBER_LAST + SAME_DAY_UNEVEN,
        counts={"exosome": 3, "prp": 5},
    ),
    Walk("exosome-prp-staggered", "Mon 5 Oct 2026", OCTOBER + OCTOBER_LAST + STAGGERED),
    Walk("mesotherapy", "Mon 5 Oct 2026", OCTOBER + MESOTHERAPY),
    Walk("maintenance", "Sun 31 Jan 2027", JANUARY + MAINTENANCE, counts={"exosome": 4}),
)
