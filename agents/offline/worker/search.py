"""The search: candidates in order of price, against the failing tests first, until the time or the ideas end."""

from __future__ import annotations

import ast
import marshal
import time
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import replace

from . import lint
from .baseline import Baseline, ask, measure, missing
from .board import DIED
from .codes import Compiled, Compiler
from .edits import Change, apply
from .failure import hints
from .generate import generate
from .orders import BROKEN, CUT, FOUND, GREEN, MOVED, RED, SLOW, UNFIT, Orders, Score
from .parts import Part, Parts
from .priors import Priors
from .projects import measure_project
from .ranking import rank
from .session import Result
from .signatures import Signatures
from .source import FUNCTIONS
from .sources import Sources
from .workplace import Workplace

BATCH = 250
SECONDS_A_BATCH = 2.0
FURTHER_BITS = 4.0
"""How much dearer than the first plausible patch its rivals may be."""
FURTHER_TIME = 1.0
"""How much longer than the first one took the search for rivals may take."""
SHORTEST_FURTHER, LONGEST_FURTHER = 0.4, 3.0
LEAD = 5.0
"""Bits that a change which led to another failure is followed up before dearer ones are tried."""
LONG_LEAD, INNER_LEAD = 6.0, 3.0
"""The same for one that turned some tests green, in the first search and in those that go on from one."""
COMPLETING_LEAD = 0.5
"""The same for two that turn all tests green between them."""
MOST_COMPLETED = 12
SHARE_AHEAD = 0.5
"""Share of the time that is left for going on from such changes then."""
WAYS_ON = 6
MEANT = frozenset(
    (
        "name-typo",
        "attr-typo",
        "keyword-typo",
        "key-typo",
        "defined-typo",
        "add-import",
        "fix-import",
        "add-self",
        "add-self-parameter",
        "first-value",
    )
)
"""Kinds of which it means something when what is missing changes."""
THOROUGH = 30
"""Failing tests up to which the cheapest candidates are run against all of them: there may be two faults."""
THOROUGH_FIRST = 2_000
"""How many candidates those are."""
DEEPEST = 3
"""Changes that may lie below a search of their own."""
ENOUGH = 40
"""Plausible patches after which there is no point in more."""
ENOUGH_OF_A_LINE = 12
"""The same for those that change one line."""
SESSIONS_SHARE = 0.2
"""Share of the time that candidates may take which need a whole pytest session each."""
MORE_STEPS = 30
"""Times the usual steps for a candidate that ran out of them."""
AT_LENGTH = 1_000_000
"""The same for one that is to be ended by the clock alone."""
LONGEST_CPU = 10.0
"""Seconds of work that such a one may take."""
MOST_AT_LENGTH = 5
FEW = 8
"""Such candidates that are tried before it is looked how long they took."""
SLOW_SHARE = 0.25
"""Share of the time for them."""
SLOW_LEAD = 4.0
"""Bits that a candidate which ran out of steps is tried again before dearer ones are."""
SLOWER = 4.0
"""Times the seconds that a project's tests took before which a session of them may take."""
SESSION_STEPS = 200_000
"""Steps that a session may take before its tests, for importing the files."""


class Search:
    """One search over files that all parse."""

    def __init__(
        self, place: Workplace, files: dict[str, str], end: float, base: tuple[Change, ...] = (), *, inner: bool = False
    ) -> None:
        """Search in *files* until *end*; *base* are changes that were made to them already, by another search if *inner*."""
        self.inner = inner
        self.place = place
        self.files = files
        self.end = end
        self.base = base
        self.sources = Sources(files)
        self.compilers: dict[str, Compiler] = {}
        self.seen: set[int] = set()
        self.parts = Parts()
        self.rivals: list[tuple[Change, int]] = []
        """Changes that are green too, with how many candidates were tried by then."""
        self.slow: list[tuple[Change, Compiled]] = []
        self.slower: list[tuple[Change, Compiled]] = []
        self.only_long = False
        """Whether some of them ran out in one test only, after others had turned green."""
        self.began = time.monotonic()
        self.first_at: float | None = None
        self.first_bits = 0.0
        self.in_sessions = 0.0
        self.completed = 0
        """Pairs of changes that were tried because they mend all between them."""
        self.pace = 0.0
        """Seconds that one candidate took of late."""
        self.in_slow = 0.0
        self.base_bits = sum(change.bits for change in base)

    # -- the way through -----------------------------------------------------------------------

    def run(self) -> int:
        """Search; the number of plausible patches found."""
        job = self.place.job
        look = measure_project if job.suite is not None and job.failing else measure
        baseline = look(self.place, self.sources, self.end)
        if baseline is None:
            return 0
        try:
            self.place.failure = self.place.failure or next((f.type for f in baseline.failures), "")
            if not self.base:
                self.place.passing = baseline.passed
            self.place.suspects(baseline.suspicion)
            hinted = hints(
                baseline.failures,
                self.place.tests,
                job.modules,
                kinds=baseline.kinds,
                signatures=Signatures(self.sources),
            )
            priors = Priors(job.shifts, self.place.failure)
            changes = generate(self.sources, baseline.suspicion, hinted, reproduction=job.reproduction, priors=priors)
            self.try_all(baseline, changes)
            if self.first_at is None:
                self.complete(baseline, float("inf"))
            if self.first_at is None and not self.parts.moved:
                self.again_with_more_steps(baseline)
                self.at_length(baseline)
            if self.first_at is None and not self.parts.moved:
                self.try_all(baseline, self.parts.pairs(), ahead=False)
        finally:
            if baseline.stage is not None:
                baseline.stage.close()
        self.offer_rivals()
        for part in self.parts.found:
            self.place.mending(
                part.change, part.green.bit_count() / max(1, len(baseline.failing)) if part.green else 0.3
            )
        if self.first_at is None:
            self.deeper()
            best = sorted(self.parts.found, key=lambda p: (-p.gain, p.change.bits))[:3]
            self.place.partial += [(p.green.bit_count(), self.changed(p.change)) for p in best if p.green]
        if not self.inner:
            self.place.suspects(baseline.suspicion.weighed(self.place.mended))
        return self.place.found

    # -- candidates ----------------------------------------------------------------------------

    def over(self, bits: float) -> bool:
        """Whether a candidate of this price is not worth trying any more."""
        now = time.monotonic()
        if now >= self.end or self.place.found + len(self.rivals) >= ENOUGH:
            return True
        if self.first_at is None:
            return bool(self.place.found)  # a search below this one has found something
        spent = self.first_at - self.began
        return bits > self.first_bits + FURTHER_BITS or now - self.first_at > min(
            LONGEST_FURTHER, max(SHORTEST_FURTHER, FURTHER_TIME * spent)
        )

    def try_all(self, baseline: Baseline, changes: Iterable[Change], *, ahead: bool = True) -> None:
        """Batch by batch, cheapest first; where *ahead*, what mends a part is gone on from before dearer ones are tried."""
        waiting: list[Change] = []
        seen = 0
        for batch in self.batches(changes, baseline):
            if self.over(batch[0][0].bits):
                break
            if ahead and self.first_at is None:
                self.complete(baseline, batch[0][0].bits)
            if ahead and batch[0][0].bits > self.parts.cheapest + self.lead:
                self.try_all(baseline, self.parts.pairs(), ahead=False)
                if self.first_at is None:
                    self.deeper(SHARE_AHEAD)
            if ahead and self.slow and batch[0][0].bits > min(c.bits for c, _ in self.slow) + SLOW_LEAD:
                self.again_with_more_steps(baseline)
            thorough = baseline.light and len(baseline.failing) <= THOROUGH and seen < THOROUGH_FIRST
            seen += len(batch)
            fast = [(c, k) for c, k in batch if k.exchange or k.rebuild] if baseline.stage is not None else []
            tried = {id(c) for c, _ in fast}
            waiting += [c for c, _ in batch if id(c) not in tried]
            waiting += self.try_fast(baseline, fast, thorough=thorough)
            waiting = self.try_sessions(baseline, waiting)
        while waiting and not self.over(waiting[0].bits):
            left = len(waiting)
            waiting = self.try_sessions(baseline, waiting, share=1.0)
            if len(waiting) == left:
                break

    @property
    def lead(self) -> float:
        """Bits that what mends a part is gone on from before dearer candidates are tried."""
        if self.parts.moved:
            return LEAD
        return INNER_LEAD if self.inner else LONG_LEAD

    def batches(self, changes: Iterable[Change], baseline: Baseline) -> Iterator[list[tuple[Change, Compiled]]]:
        """New candidates, compiled; small batches first, so that a cheap patch is found at once."""
        batch: list[tuple[Change, Compiled]] = []
        size = 40 if baseline.stage is not None else 12
        for change in changes:
            compiled = self.compiler(change.path).candidate(change)
            if compiled is None or compiled.identity in self.seen:
                continue
            self.seen.add(compiled.identity)
            batch.append((change, compiled))
            if len(batch) >= size:
                yield batch
                batch = []
                size = min(BATCH, size * 2, self.in_time()) if baseline.stage is not None else size
        if batch:
            yield batch

    def in_time(self) -> int:
        """How many candidates a batch may have, so that what it brings is looked at soon: some tests take long."""
        return max(FEW, int(SECONDS_A_BATCH / self.pace)) if self.pace else BATCH

    def compiler(self, path: str) -> Compiler:
        if path not in self.compilers:
            self.compilers[path] = Compiler(self.sources[path])
        return self.compilers[path]

    def try_fast(
        self, baseline: Baseline, batch: list[tuple[Change, Compiled]], times: int = 1, *, thorough: bool = False
    ) -> list[Change]:
        """Try candidates in the stage with so many *times* the usual steps; those that it cannot judge come back."""
        if not batch or baseline.stage is None:
            return []
        wall = max(0.5, min(self.end - time.monotonic(), 60.0))
        codes = [(change.path, marshal.dumps(compiled.rebuild or compiled.exchange)) for change, compiled in batch]
        cpu, each = baseline.cpu, baseline.each
        if times > 1:
            cpu, each = 3 * cpu, 2 * each
        if times == AT_LENGTH:
            cpu, each = LONGEST_CPU, 2 * LONGEST_CPU
        orders = Orders(
            failing=baseline.failing,
            passing=baseline.passing,
            budgets={index: times * steps for index, steps in baseline.budgets.items()},
            cpu=cpu,
            each=each,
            bare=baseline.bare,
            apart=self.place.job.apart,
            wall=wall,
            bound=baseline.bound,
            thorough=thorough,
        )
        began = time.monotonic()
        answer = ask(baseline.stage, "batch", codes, orders, seconds=wall + 15)
        self.pace = (time.monotonic() - began) / len(batch) if times == 1 else self.pace
        if not isinstance(answer, list):
            self.end = 0.0  # the stage has died, and with it what it knew
            return []
        return self.sort_out(baseline, batch, answer, times)

    def sort_out(
        self, baseline: Baseline, batch: list[tuple[Change, Compiled]], scores: list[Score], times: int
    ) -> list[Change]:
        """Keep what each is good for; those that the stage could not judge come back."""
        green: list[tuple[Change, int, bool]] = []
        unfit: list[Change] = []
        again: list[tuple[Change, Compiled]] = []
        for (change, compiled), score in zip(batch, scores, strict=True):
            if times == 1 and score.status in (RED, GREEN, SLOW, DIED):
                self.place.count(change.template)
            if score.status == GREEN:
                green.append((change, self.place.tried, bool(score.moved & CUT)))
            elif score.status == UNFIT and compiled.whole is not None and not compiled.rebuild:
                again.append((change, replace(compiled, rebuild=compiled.whole)))
            elif score.status == UNFIT:
                unfit.append(change)
            elif score.status == SLOW and times < AT_LENGTH:
                (self.slow if times == 1 else self.slower).append((change, compiled))
                self.only_long |= times > 1 and bool(score.green)
            moved = score.moved & (MOVED | FOUND) if change.template in MEANT else 0
            if moved or (score.status == RED and score.green):
                self.parts.add(Part(change, score.green, bool(score.moved & BROKEN), moved))
        self.keep(baseline, sorted(green, key=lambda pair: pair[0].bits), times)
        self.place.progress()
        if again:
            unfit += self.try_fast(baseline, again, times)
        return unfit

    def keep(self, baseline: Baseline, green: list[tuple[Change, int, bool]], times: int) -> None:
        """The first one is looked at by itself and told of at once; the others are its rivals.

        So is one that was not run against all the tests that it may break.
        """
        for change, reached, cut in green:
            if self.over(change.bits):
                break
            if self.first_at is None or baseline.ordered or cut:
                self.verify(baseline, change, reached=reached, times=times)
            elif sum(rival.line == change.line for rival, _ in self.rivals) < ENOUGH_OF_A_LINE:
                self.rivals.append((change, reached))

    def try_sessions(self, baseline: Baseline, waiting: list[Change], share: float = SESSIONS_SHARE) -> list[Change]:
        """Try candidates by whole sessions, as long as their share of the time lasts; the rest comes back."""
        for at, change in enumerate(waiting):
            elapsed = time.monotonic() - self.began
            if self.over(change.bits):
                return []
            if baseline.stage is not None and self.in_sessions > share * elapsed + 0.3:
                return waiting[at:]
            self.verify(baseline, change, stop=True)
            self.place.count(change.template)
        self.place.progress()
        return []

    # -- verifying -----------------------------------------------------------------------------

    def verify(
        self, baseline: Baseline, change: Change, also: Change | None = None, *, stop: bool = False,
        reached: int | None = None, times: int = 1,
    ) -> bool:  # fmt: skip
        """A whole session on disk, in the tests' own order; tells where it is green and brings no new finding.

        *also* is what is changed at another place at once. *reached* is how many candidates were tried up to this one, where
        others of its batch were tried behind it.
        """
        began = time.monotonic()
        changes = (change,) if also is None else (change, also)
        files = self.changed(*changes)
        touched = list(dict.fromkeys(index for one in changes for index in self.touched(baseline, one)))
        whole = (
            baseline.collecting + sum(baseline.reach.seconds.get(i, 0.0) for i in touched) if baseline.reach else 0.0
        )
        seconds = max(1.0, min(10.0 + SLOWER * whole, self.end - began))
        steps = SESSION_STEPS + (2 if stop else 30) * times * sum(baseline.budgets.values())
        cpu = 1.0 + (2.0 if stop else 5.0) * baseline.cpu + SLOWER * whole
        if times == AT_LENGTH:
            seconds, cpu = max(1.0, min(2 * LONGEST_CPU, self.end - began)), LONGEST_CPU
        result = self.place.sessions.run(
            files, first=baseline.first if stop else (), stop=stop, seconds=seconds,
            steps=steps if baseline.hangs and times < AT_LENGTH else None, cpu=cpu,
            only=[baseline.ids[index] for index in touched],
        )  # fmt: skip
        self.in_sessions += time.monotonic() - began
        if result is None or not self.enough(result, baseline, touched):
            if (
                result is not None
                and baseline.stage is None
                and change.template in MEANT
                and self._further(result, baseline)
            ):
                self.parts.add(Part(change, moved=1 + len(result.passed)))
            return False
        bits = sum(rank(self.sources[one.path], one) for one in changes) + self.base_bits
        for made in (*self.base, *changes):
            self.place.mending(made, 1.0)
        if not self.place.offer(files, (*self.base, *changes), bits, reached=reached):
            return False
        if self.first_at is None:
            # What has mended before comes earlier, and must not be the reason why its rivals are not looked for.
            self.first_at, self.first_bits = time.monotonic(), sum(one.bits - min(0.0, one.shift) for one in changes)
        return True

    def complete(self, baseline: Baseline, bits: float) -> None:
        """Try two changes of a project at once that mend all of what fails between them, where what is tried by now costs
        *bits*: more than each of the two.
        """
        if self.place.job.suite is None or baseline.ordered or not 1 < len(baseline.failing) <= THOROUGH:
            return
        every = (1 << len(baseline.failing)) - 1
        for one, two in self.parts.completing(every, bits - COMPLETING_LEAD):
            if self.over(one.bits + two.bits) or self.completed >= MOST_COMPLETED:
                return
            self.completed += 1
            self.place.count("pairs")
            self.verify(baseline, one, two)

    def offer_rivals(self) -> None:
        """Tell of those that were green in the stage after the first one was by itself too: the judge looks at what is chosen."""
        texts = [apply(self.files[change.path], change.edits) for change, _ in self.rivals]
        found = lint.findings_of(texts) if texts else []
        for (change, reached), after in zip(self.rivals, found, strict=True):
            parsed = change.path not in self.place.unparsed
            if lint.more(self.place.findings_before(change.path), after, parsed=parsed):
                continue
            self.place.mending(change, 1.0)
            bits = rank(self.sources[change.path], change) + self.base_bits
            self.place.offer(self.changed(change), (*self.base, change), bits, reached=reached, linted=True)

    @staticmethod
    def _further(result: Result, baseline: Baseline) -> bool:
        """Whether the files could be imported now, or fail for want of something else."""
        return result.collected or missing(result.failures) not in (baseline.misses, "")

    def enough(self, result: Result, baseline: Baseline, touched: Sequence[int] = ()) -> bool:
        """Green, and every test that counts passed by name."""
        wanted = {baseline.ids[index] for index in touched} or set(baseline.ids)
        return result.green and result.passed >= wanted

    def touched(self, baseline: Baseline, change: Change) -> Sequence[int]:
        """The tests that count for *change*, where those are not all."""
        source = self.sources[change.path]
        first = source.line_at(min(edit.start for edit in change.edits))
        last = source.line_at(max(edit.end for edit in change.edits))
        for node in ast.walk(source.tree):
            if isinstance(node, FUNCTIONS) and node.lineno <= first and last <= (node.end_lineno or node.lineno):
                # outer functions come first: whoever runs an inner one may have run the one around it
                first, last = min([node.lineno, *(d.lineno for d in node.decorator_list)]), node.end_lineno or last
                break
        return baseline.touched(change.path, first, last) or ()

    def changed(self, *changes: Change) -> dict[str, str]:
        """All files that differ from those handed in, with *changes* made."""
        files = {path: text for path, text in self.files.items() if text != self.place.job.files.get(path)}
        for path in {change.path for change in changes}:
            edits = [edit for change in changes if change.path == path for edit in change.edits]
            files[path] = apply(self.files[path], edits)
        return files

    # -- when no single change is enough --------------------------------------------------------

    def again_with_more_steps(self, baseline: Baseline) -> None:
        """Those that only ran out of steps get many times as many."""
        now = time.monotonic()
        if self.in_slow > SLOW_SHARE * (now - self.began) + 0.3:
            return
        self.slow.sort(key=lambda pair: pair[0].bits)
        while (
            self.slow and time.monotonic() < now + SLOW_SHARE * (self.end - now) and not self.over(self.slow[0][0].bits)
        ):
            few, self.slow = self.slow[:FEW], self.slow[FEW:]
            self.try_fast(baseline, few, MORE_STEPS)
            if self.in_slow + time.monotonic() - now > SLOW_SHARE * (time.monotonic() - self.began) + 0.3:
                break
        self.in_slow += time.monotonic() - now
        if self.only_long and self.first_at is None:
            self.at_length(baseline)

    def at_length(self, baseline: Baseline) -> None:
        """The cheapest of those that ran out of even so many: a test that is believed to be endless may only be long."""
        slower, self.slower, self.only_long = self.slower, [], False
        for change, compiled in sorted(slower, key=lambda pair: pair[0].bits)[:MOST_AT_LENGTH]:
            if self.over(change.bits) or self.first_at is not None:
                return
            self.try_fast(baseline, [(change, compiled)], AT_LENGTH)

    def deeper(self, share: float = 1.0) -> None:
        """Search again from the changes that went furthest: there may be two faults."""
        if len(self.base) >= DEEPEST:
            return
        best = [part.change for part in self.parts.best(WAYS_ON)]
        end = time.monotonic() + share * (self.end - time.monotonic())
        for place, change in enumerate(best):
            now = time.monotonic()
            if now >= end or self.place.found:
                return
            files = {**self.files, change.path: apply(self.files[change.path], change.edits)}
            until = now + (end - now) / (len(best) - place)
            self.place.lay(files)
            try:
                Search(self.place, files, until, (*self.base, change), inner=True).run()
            finally:
                self.place.lay(self.files)
