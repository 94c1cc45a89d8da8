"""Numbers, text, timestamps and names of fields that have broken one program or another."""

from __future__ import annotations


def _items(text: str) -> list[str]:
    """Return what stands between semicolons, whatever lines it stands on."""
    return text.replace("\n", "").split(";")


NUMBERS = [
    *_items("0;-0;-0.0;7.0;1.10;-1.5;1e3;1E+3;1e-3;0e5;100e-2;36301234567;NaN;Infinity;-Infinity"),
    *(f"{number}{form}" for number in (2**63 - 1, -(2**63)) for form in ("", ".0", ".5", "e0")),
    *(f"{number}{form}" for number in (2**63, -(2**63) - 1, 2**64) for form in ("", ".0", "e0")),
    *_items("1e300;1e301;-1e400;1e-300;1e-400;1e999999999;0e999999999;1e-999999999"),
    *("9" * 25, "7" * 4301, f"-{'7' * 6000}", f"0.{'3' * 1200}", f"{'1' * 900}.{'1' * 900}"),
    *(f"1e{'9' * 30}", f"-1.5e-{'9' * 30}"),
]

TIMESTAMPS = _items("""
2015-08-17 15:05:08;2015-08-17T15:05:08; 2015-08-17 15:05:08\t;2015-08-17T15:05:08Z;
2026-03-29 02:30:00;2026-10-25 02:30:00;2026-10-25 02:30:00+01:00;2026-10-25 02:30:00+02:00;
2015-08-17 15:05:08.25;2015-08-17 15:05:08,5;2015-08-17 15:05:08.1234567890;
2015-08-17 15:05:08+0545;2015-08-17 15:05:08-03;2015-08-17 15:05:08+99:99;
2015-08-17 15:05:08+05:60;2015-08-17 15:05:08+23:59;2015-08-17 15:05:08-24:00;
0001-01-01 00:00:00;0001-01-01 00:00:00+14:00;9999-12-31 23:59:59;9999-12-31 23:59:59-14:00;
0000-00-00 00:00:00;0000-00-00;0000-01-01 00:00:00;00:00:00;0000-00-00T00:00:00.000Z;
10000-01-01 00:00:00;-001-01-01 00:00:00;2015-02-30 00:00:00;2015-13-01 00:00:00;
2015-08-17 24:00:00;2015-08-17 24:30:00;2015-08-17 23:59:60;2015-08-17;17.08.2015 15:05:08;
1439816708;now;-;T;+;Z;.;--;2015-08-17\xa015:05:08;\xa0;2015-08-17 15:05:08\0;
\u0662\u0660\u0661\u0665-08-17 15:05:08
""")

TEXTS = [
    *_items("""
; ;\t;\r;\0;\0\0;a\0b;\ud800;\udc00\ud800;\ud83d\ude00;é\ud83d!\0;
0;007;+5;-0; 12 ;\t3\v;1_000;0x10;1.5;1e3;\u0661\u0662;\uff11\uff12;9999999999999999999999999999999;
null;true;NaN;Infinity;{};[];[1];{"a": 1};";\\;\\u0000;\\N;\\;\x7f\x1f\x85\u2028\ufeff;\x1b[31m;
שלום עולם;\u202e\u0645\u0631\u062d\u0628\u0627\u202c 123;👩\u200d👦;a\u0301;\U0010ffff;\ufffe\uffff;
/;a/b;</script>;'), DROP TABLE cdr --;%s %(a)s :a {0} $1;a,b;a\tb
"""),
    *("\n", ";", "\r\n"),
]

NAMES = [
    *_items("""
; ;\0;\0\0;_;__;a;a\0;\0a;a\ud800;a\udfff;a\ufffd;a_;a__;
RINGTIME;Ringtime; ringtime;ringtime ;ringtime\0;ringtime_;DC;dc\0;UUID;uuid\0;uuid ;uuid_;
additional_fields;additional_fields\0;additional_fields_;new_ts;new_ts_utc;start_utc;
billing_ts_utc\0;start_ts_utc_;start_ts_utc ;_sdc_extracted_at;_sdc_deleted_at;_sdc_sequence;
__proto__;$ref;a.b;a b;';";\\;שם;36301234567
"""),
    *("\n", "n" * 63, "n" * 64, "x" * 10_000),
]
