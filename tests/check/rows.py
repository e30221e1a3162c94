# SPDX-License-Identifier: Apache-2.0
"""The rows of the project's tables, as the mutation check disables them: where a row stands, what its text
becomes, and the words by which tests that concern it can be found."""
import re

import report

# Put before the name of a row, so that no text can match it.
GONE = r"\\001"


class Kind:
    """Rows of one form. The pattern's group `name` names the row; words lists templates of the words that a test
    about it contains; about has words for rows whose tests speak of them otherwise. layers: where such tests are looked for, in this order. most: how many rows of the kind are
    tried at all, for tables that are checked as a whole."""

    def __init__(self, name, files, pattern, becomes, words=(r"\g<name>",), layers=("runtime", "lang", "unit"), most=None,
                 about=None):
        self.name, self.files, self.becomes, self.words, self.about = name, files, becomes, words, about or {}
        self.pattern = re.compile(pattern, re.M | re.S)
        self.layers, self.most = layers, most

    def rows(self, top):
        for file in report.tracked(*self.files):
            text = (top / file).read_text()
            for match in self.pattern.finditer(text):
                yield Row(self, file, text, match)


class Row:
    """One row: its file as it would be without it."""

    def __init__(self, kind, file, text, match):
        self.kind, self.file, self.original = kind, file, text
        self.name = f"{kind.name}:{file}:{match['name']}"
        self.mutant = text[:match.start()] + match.expand(kind.becomes) + text[match.end():]
        words = [match.expand(word) for word in kind.words]
        self.words = kind.about.get(match["name"]) or [*words, *(word.lower() for word in words if word != word.lower())]


# How tests write tokens, and what in them makes a program call a helper.
TOKENS = {name: [text] for name, text in re.findall(
    r'^TOKEN\(\w+, (\w+), "([^"]+)"\)', (report.TOP / "bpftrace/compiler/ast/tokens.def").read_text(), re.M)}
HELPERS = {
    "map_lookup_elem": ["@a[1]"], "map_delete_elem": ["delete"], "probe_read": ["curtask"], "probe_read_str": ["comm"],
    "probe_read_user": ["arg0"], "probe_read_user_str": ["str"], "get_prandom_u32": ["rand"],
    "get_smp_processor_id": ["cpu"], "get_current_pid_tgid": ["pid"], "get_current_uid_gid": ["uid"],
    "get_current_comm": ["comm"], "get_current_task": ["curtask"], "get_numa_node_id": ["numaid"],
    "get_current_cgroup_id": ["cgroup"], "jiffies64": ["jiffies"], "ktime_get_boot_ns": ["nsecs"],
    "ringbuf_output": ["str"], "ringbuf_reserve": ["printf"], "ringbuf_submit": ["printf"], "ringbuf_query": ["print(@"],
    "get_attach_cookie": ["func"], "for_each_map_elem": ["len"],
}

LANG = ("lang", "runtime", "unit")
UNIT = ("unit", "lang", "runtime")
LIST = ("list", "unit", "runtime")

KINDS = [
    Kind("builtin", ["bpftrace/compiler/builtin/*.c"], r'\.name = "(?P<name>\w+)"', rf'.name = "{GONE}\g<name>"',
         [r"\g<name>", r"\g<name>0"]),
    Kind("probe", ["libcommon/probes/*.c"], r'\.name = "(?P<name>\w+)"', rf'.name = "{GONE}\g<name>"'),
    Kind("alias", ["libcommon/probes/*.c"], r'\.aliases = \{"(?P<name>\w+)"', rf'.aliases = {{"{GONE}\g<name>"',
         [r"\g<name>:"], LANG),
    Kind("action", ["bpftrace/runner/action/*.c"],
         r"^static void (?P<function>handle\w*)\((?P<arguments>[^{]*)\)\n\{(?P<body>.*?)(?P<row>\nconst struct action_ops action_(?P<name>\w+) )",
         r"static void \g<function>(\g<arguments>)\n{\n\treturn;\g<body>\g<row>",
         about={"print_map": ["print(@"], "helper_error": ["-k"], "swap_clear": ["clear(@"], "swap_zero": ["zero(@"]}),
    Kind("attach", ["bpftrace/runner/attach/*.c"],
         r"(?P<head>^const struct attach_ops attach_(?P<name>\w+) = \{[^}]*)\t\.attach = \w+,\n", r"\g<head>", about={
             "begin": ["BEGIN"], "end": ["END"], "tracepoint": ["tracepoint:sched"], "raw_tracepoint": ["rawtracepoint"],
             "syscall": ["tracepoint:syscalls"], "perf": ["interval"], "fentry": ["kfunc"], "fexit": ["kretfunc"],
             "kprobe_inside": ["kprobe"], "kprobe_address": ["kprobe"], "watch_argument": ["watchpoint"]}),
    Kind("context", ["libcommon/probes/context.def"],
         r"^CONTEXT\((?P<name>(?!NONE|PERF)\w+), \w+\)", r"CONTEXT(\g<name>, none)", about={
             "REGS": ["uprobe"], "REGS_RETURN": ["uretprobe"], "RECORD": ["args"], "RAW": ["rawtracepoint"],
             "SYSCALL_ENTER": ["sys_enter_write"], "SYSCALL_EXIT": ["sys_exit_write", "args.ret"]}),
    Kind("setting", ["bpftrace/door/config.def"], r"^(?P<kind>NUMBER|TEXT|WORD)\((?P<word>\w+), (?P<name>\w+),",
         r"\g<kind>(\g<word>_GONE, \g<name>,", [r"BPFTRACE_\g<word>", r"\g<name>"]),
    Kind("feature", ["libcommon/host/feature.def"], r'^(?P<begin>FEATURE\(\w+, "(?P<name>\w+)", ")\w+"',
         r'\g<begin>no_symbol"'),
    Kind("token", ["bpftrace/compiler/ast/tokens.def"],
         r'^TOKEN\((?P<class>WORD|SOFT|MARK), (?P<name>\w+), "(?P<text>[^"]+)"\)',
         rf'TOKEN(\g<class>, \g<name>, "{GONE}\g<text>")', [r"\g<text>"], LANG),
    Kind("operator", ["bpftrace/compiler/ast/parse_expr.c", "bpftrace/compiler/ast/parse_stmt.c"],
         r"^\t\[TOKEN_(?P<name>\w+)\] = [^\n]*OPERATOR_[^\n]*,\n", "", layers=LANG, about=TOKENS),
    Kind("helper", ["bpftrace/door/helpers.def"], r"^HELPER\((?P<name>\w+), \d+,", r"HELPER(\g<name>, 0,", about=HELPERS),
    Kind("aggregation", ["bpftrace/runner/data/aggregate.c"], r"^\tROW\((?P<name>(?!COUNT|SUM)\w+), \w+\)",
         r"\tROW(\g<name>, number_ops)"),
    Kind("aggregation", ["bpftrace/runner/data/aggregate.c"], r"^\tROW\((?P<name>COUNT|SUM), \w+\)",
         r"\tROW(\g<name>, extreme_ops)"),
    Kind("rendering", ["bpftrace/runner/show/spell.c"], r"^#define SHOW_(?P<name>\w+) +(?!no_)\w+_bytes$",
         r"#define SHOW_\g<name> no_bytes", about={"TEXT": ["str("]}),
    Kind("format", ["bpftrace/runner/show/formats.def"], r"^FORMAT\((?P<name>(?!text)\w+)\)\n", "", [r"\g<name>"]),
    Kind("format", ["bpftrace-list/output.c"], r'\.name = "(?P<name>\w+)"', rf'.name = "{GONE}\g<name>"', [r"-f \g<name>"], LIST),
    Kind("letter", ["bpftrace/runner/options.c"], r"\.letter = '(?P<name>\w)'", r".letter = '\\001'", [r"-\g<name>"]),
    Kind("letter", ["bpftrace-list/options.c"], r"\.letter = '(?P<name>\w)'", r".letter = '\\001'",
         [r"-\g<name>"], LIST),
    Kind("option", ["bpftrace/runner/options.c"], r'\.name = "(?P<name>[\w-]+)"', rf'.name = "{GONE}\g<name>"',
         [r"--\g<name>"]),
    Kind("option", ["bpftrace-list/options.c"], r'\.name = "(?P<name>[\w-]+)"', rf'.name = "{GONE}\g<name>"',
         [r"--\g<name>"], LIST),
    Kind("compiler", ["bpftrace/compiler/main.c"], r'^\t\{"(?P<name>[\w-]+)", ', rf'\t{{"{GONE}\g<name>", ',
         [r"--\g<name>"], LANG),
    Kind("compiler", ["bpftrace/compiler/main.c"], r"^\t\{NULL, '(?P<name>\w)',", r"\t{NULL, '\\001',",
         [r"-\g<name>"], LANG),
    Kind("stage", ["bpftrace/compiler/pipeline.c"], r'^\t\{"(?P<name>[\w-]+)", (?P<rest>[^,]+(?:, [^N][^,]*, \d)?\},)$',
         rf'\t{{"{GONE}\g<name>", \g<rest>', [r"-d \g<name>", r"\g<name>"]),
    Kind("step", ["bpftrace/runner/steps.c"], r"(?P<needs>\.needs = \{\.(?P<name>all) = true\}, )(?=[^\n]*\.run)", "", ["Seccomp"]),
    Kind("step", ["bpftrace/runner/steps.c"], r"(?P<name>\.confined = true),\s+", "", ["Seccomp"]),
    Kind("remedy", ["bpftrace/runner/attach/attach.c"], r"^\t\{(?P<name>E[A-Z]+), ", r"\t{-1, ", layers=UNIT),
    Kind("verdict", ["bpftrace/runner/load/verifier.c"], r'^\t\{"(?P<name>[^"]+)", ', rf'\t{{"{GONE}\g<name>", ', layers=UNIT),
    Kind("event", ["libcommon/probes/perf.c"], r'^\t\{"(?P<name>[\w-]+)", ', rf'\t{{"{GONE}\g<name>", '),
    Kind("unit", ["libcommon/probes/timer.c", "bpftrace/compiler/ast/literal.c"], r'^\t\{"(?P<name>\w+)", ',
         rf'\t{{"{GONE}\g<name>", ', [r":\g<name>:", r"1\g<name>"]),
    Kind("type", ["bpftrace/compiler/bind/typename.c"], r'^\t\{"(?P<name>\w+)", \d', rf'\t{{"{GONE}\g<name>", 1',
         layers=LANG),
    Kind("parameter", ["bpftrace/compiler/bind/prototype.c"], r'^\t\{"(?P<name>[\w ]+)", PARAMETER_',
         rf'\t{{"{GONE}\g<name>", PARAMETER_', [], LANG),
    Kind("conversion", ["libcommon/base/format.c"], r'^\t\t\{"(?P<name>\w+)", \d', rf'\t\t{{"{GONE}\g<name>", 8',
         [r"%\g<name>"], UNIT),
    Kind("register", ["libcommon/host/arch.c"], r'^\t\{"(?P<name>\w+)", \d+\}', rf'\t{{"{GONE}\g<name>", 0}}',
         ["arch_find"], UNIT, most=4),
    Kind("syscall", ["libcommon/host/syscalls_*.def"], r"^SYSCALL\((?P<name>\w+), \d+\)", r"SYSCALL(\g<name>, 1000)",
         ["arch_find"], UNIT, most=4),
]


def unique(rows):
    """Gives rows of the same name numbers."""
    seen = {}
    for row in rows:
        seen[row.name] = seen.get(row.name, 0) + 1
        if seen[row.name] > 1:
            row.name += f"#{seen[row.name]}"
    return rows


def all_rows(top):
    """All rows of a tree that can be tried, and the complaints about kinds that find none."""
    found = [(kind, list(kind.rows(top))) for kind in KINDS]
    rows = [row for kind, its in found for row in (its if kind.most is None else its[::max(1, len(its) // kind.most)])]
    return unique(rows), [f"{kind.files[0]}: no row matches {kind.pattern.pattern}" for kind, its in found if not its]
