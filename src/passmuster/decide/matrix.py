"""The matrix and the decision, put together from measured candidates."""

from collections.abc import Sequence
from dataclasses import dataclass, field, replace

from passmuster.decide.adding.strata import members_of
from passmuster.decide.bar_making import Apart, BarMaker
from passmuster.decide.bar_tests import BarTest, share_columns
from passmuster.decide.cautions import Runs, cautions, run_cautions
from passmuster.decide.choice import Context, decide
from passmuster.decide.choosing.beside import Beside
from passmuster.decide.choosing.figures import Figures, Standing
from passmuster.decide.choosing.front import dominated
from passmuster.decide.class_report import classification
from passmuster.decide.classes import (
    Draws,
    class_columns,
    macro_f1_difference,
    macro_f1_estimate,
    resampled_averages,
)
from passmuster.decide.corpus_report import corpus_report
from passmuster.decide.costs.bars import COSTS
from passmuster.decide.costs.report import cost_report, stated_costs
from passmuster.decide.counted import (
    count_reports,
    counted_difference,
    counted_estimate,
)
from passmuster.decide.estimates import (
    failure_report,
    latency_report,
    part_estimates,
    stated_accuracy,
    stated_metric,
)
from passmuster.decide.explained import explained
from passmuster.decide.judging.cautions import judge_cautions
from passmuster.decide.judging.corrected import judged_difference, judged_estimate
from passmuster.decide.judging.reports import judged_report, with_ratings
from passmuster.decide.labels import Classes, classes_of
from passmuster.decide.long_tail import with_tail
from passmuster.decide.measured import FloatArray, Measured
from passmuster.decide.outcomes import outcome_report
from passmuster.decide.prompts import prompt_reports
from passmuster.decide.rates import metric_difference, metric_estimate, receivable_by_both
from passmuster.decide.repeats import variance_report
from passmuster.decide.required import with_requirements
from passmuster.decide.requirements import attribute_cautions, requirement_checks
from passmuster.decide.resampling import REPETITIONS, leading, price_columns
from passmuster.decide.sanity import sanity_cautions
from passmuster.decide.seed import SEED
from passmuster.decide.stakes import Looks, with_stakes
from passmuster.decide.success import success_rule
from passmuster.decide.tail import slices_of, tail_report
from passmuster.decide.verdicts import Contender, Judged, judge
from passmuster.decide.worth import Grounds, versus_manual, worth
from passmuster.metrics.metric import UNIT, LabelMetric, Metric
from passmuster.records.case import Case
from passmuster.records.classes import Classification
from passmuster.records.comparison import (
    SCHEMA_VERSION,
    CandidateFile,
    CandidateReport,
    Comparison,
    LatencyReport,
    MetricReport,
    VerdictReport,
)
from passmuster.records.corpus import CorpusVersion
from passmuster.records.decision import DecisionReport, Worth
from passmuster.records.judged import JudgeReport
from passmuster.records.score import Difference, Estimate
from passmuster.records.task import Task


@dataclass(frozen=True, slots=True, kw_only=True)
class Scope:
    """Which cases of the corpus the figures are of, what these are called, the runs that asked them, the judges, and what people looked at."""

    cases: Sequence[Case]
    basis: str = "production"
    runs: Runs = ()
    judges: tuple[JudgeReport, ...] = ()
    looks: Looks = field(default_factory=dict)
    apart: Apart | None = None


class Matrix:
    """One comparison in the making: what its steps share is computed once and kept.

    Args:
        task: Bars, alpha, incumbent, finalists.
        metrics: The task's metrics; the first is the primary one.
        corpus: The corpus version.
        measured: The candidates' trials over the cases of `scope`.
        scope: Which cases of the corpus the figures are of; default: all.
    """

    def __init__(
        self,
        task: Task,
        metrics: Sequence[Metric],
        corpus: CorpusVersion,
        measured: Sequence[Measured],
        scope: Scope | None = None,
    ) -> None:
        self.task = task
        self.metrics = tuple(metrics)
        self.corpus = corpus
        self.scope = scope or Scope(cases=corpus.cases)
        self.measured = {item.candidate.name: item for item in measured}
        self.success = success_rule(task)
        self.primary = self.metrics[0].name
        self.classes: dict[str, Classes] = {
            metric.name: classes_of(metric, self.scope.cases)
            for metric in metrics
            if isinstance(metric, LabelMetric)
        }
        self.judges = {judge.metric: judge for judge in self.scope.judges}
        self.counted = frozenset(metric.name for metric in metrics if metric.summary == "counts")
        self._columns: dict[tuple[str, str], FloatArray] = {}
        self._draws: dict[str, dict[str, Draws]] = {}
        self._slices = slices_of(self.scope.cases)
        self._bars = BarMaker(task, corpus, self.measured, self.scope.cases, self.scope.apart)
        self._family: int | None = None  # how many Bonferroni's correction is over; None is Holm's
        self._shares = frozenset(metric.name for metric in metrics if metric.binary)

    def comparison(self, generated: str) -> Comparison:
        """Return the finished comparison; `generated` says when it was made."""
        contenders = self.contenders(generated)
        reports = self._reports(contenders, generated)
        beside = self._beside(reports)
        decision = self._decision(contenders, reports, generated, beside)
        return Comparison(
            schema_version=SCHEMA_VERSION,
            seed=SEED,
            task=self.task.name,
            purpose=self.task.purpose,
            owner=self.task.owner,
            generated=generated,
            corpus=corpus_report(self.corpus, self.scope.cases, self.scope.basis, generated),
            metrics=tuple(self._metric_report(metric) for metric in self.metrics),
            incumbent=self.task.incumbent,
            alpha=self.task.alpha,
            finalists=self.task.finalists,
            candidates=tuple(reports),
            decision=decision,
            prompts=prompt_reports(
                [item.candidate for item in self.measured.values()], self._primary_difference
            ),
            judges=tuple(with_ratings(judge, self.measured.values()) for judge in self.judges.values()),
            choice=beside.choice(decision, lambda item: self._p_of_costs(item, generated)),
            break_even=beside.break_even,
        )

    def _beside(self, reports: Sequence[CandidateReport]) -> Beside:
        drawn = frozenset({*self.classes, *self.counted, *self.judges})
        standings = [Standing(measured=self.measured[row.name], report=row) for row in reports]
        return Beside(
            self.task, self.primary, Figures(standings, self.metrics, self.success, drawn), self._family
        )

    def _p_of_costs(self, item: Measured, generated: str) -> float:
        """Return the largest p-value of a candidate's bars on costs."""
        bars = tuple(bar for bar in self.task.bars if bar.metric in COSTS)
        maker = BarMaker(
            replace(self.task, bars=bars), self.corpus, self.measured, self.scope.cases, self.scope.apart
        )
        tests = maker.tests(item, generated, self.judges, self._class_drawn)
        return max(test.observed()[0] if test.testable else 1.0 for test in tests)

    def files(self, generated: str) -> tuple[CandidateFile, ...]:
        """Return each candidate's row by itself: no decision is made, which takes thousands of resamples."""
        return tuple(
            CandidateFile(
                schema_version=SCHEMA_VERSION,
                task=self.task.name,
                generated=generated,
                corpus=corpus_report(self.corpus, self.scope.cases, self.scope.basis, generated),
                metrics=tuple(self._metric_report(metric) for metric in self.metrics),
                candidate=report,
            )
            for report in self._reports(self.contenders(generated), generated)
        )

    def contenders(self, generated: str) -> list[Contender]:
        """Return each candidate with the tests of its bars; `generated` says when (ISO 8601)."""
        return [self._contender(item, generated) for item in self.measured.values()]

    def _reports(self, contenders: Sequence[Contender], generated: str) -> list[CandidateReport]:
        judged = with_requirements(judge(contenders, self.task.alpha, self._family))
        if self.task.stakes is not None:
            asked = next(iter(self.judges), self.primary)
            looks, cases = self.scope.looks, self.scope.cases
            judged = with_stakes(judged, self.task.stakes, looks, cases, generated, asked)
        reports = [self._report(each) for each in judged]
        lower = self.metrics[0].direction == "lower"
        by = dominated(reports, self.primary, lower_is_better=lower)
        return [replace(report, dominated_by=by.get(report.name, ())) for report in reports]

    def _decision(
        self,
        contenders: Sequence[Contender],
        reports: Sequence[CandidateReport],
        generated: str,
        beside: Beside,
    ) -> DecisionReport:
        shares = leading(contenders, self.success, self.task.alpha, order=beside.order, family=self._family)
        context = Context(
            primary=self.primary,
            alpha=self.task.alpha,
            leading=shares,
            resamples=REPETITIONS,
            worth=self._worth(reports),
            family=self._family or sum(item.in_family for item in contenders),
            warnings=(
                *cautions(self.task, replace(self.corpus, cases=self.scope.cases), reports, self.measured),
                *self._bars.cautions(),
                *sanity_cautions(self.task, self.metrics, self._asked, self._difference_of),
                *judge_cautions(self.scope.judges, reports, self.success),
                *attribute_cautions([item.candidate for item in self.measured.values()], generated),
                *run_cautions(self.scope.runs, [item.candidate for item in self.measured.values()]),
            ),
            difference=self._primary_difference,
            versus_manual=lambda name: versus_manual(name, reports),
            weighing=beside.weighing if beside.decides else None,
            share=self.metrics[0].bounds == UNIT,
            lower_is_better=self.metrics[0].direction == "lower",
        )
        return decide(reports, context)

    def _worth(self, reports: Sequence[CandidateReport]) -> Worth | None:
        whole = self.primary in {*self.classes, *self.counted, *self.judges}
        return worth(
            Grounds(
                reports=reports,
                primary=self.primary,
                margin=self.task.margin,
                difference=self._primary_difference,
                measured=self.measured,
                strata={} if whole else members_of(self._slices, len(self.scope.cases)),
                lower_is_better=self.metrics[0].direction == "lower",
            )
        )

    @property
    def _asked(self) -> list[str]:
        return [name for name, item in self.measured.items() if item.account.asked]

    def _difference_of(self, first: str, second: str, metric: str) -> Difference:
        return self._difference(self.measured[first], self.measured[second], metric)

    def _primary_difference(self, first: str, second: str) -> Difference:
        return self._difference(self.measured[first], self.measured[second], self.primary)

    def _difference(self, first: Measured, second: Measured, metric: str) -> Difference:
        if metric in self.classes:
            found = macro_f1_difference(
                self._class_columns(first, metric),
                self._class_columns(second, metric),
                first.groups,
                (self._class_draws(first, metric), self._class_draws(second, metric)),
            )
            return replace(found, n_missing=receivable_by_both(first, second) - found.n)
        if metric in self.counted:
            found = counted_difference(first, second, metric)
            return replace(found, n_missing=receivable_by_both(first, second) - found.n)
        judged = judged_difference(first, second, metric) if metric in self.judges else None
        return judged or metric_difference(first, second, metric)

    def _class_columns(self, item: Measured, metric: str) -> FloatArray:
        key = (item.candidate.name, metric)
        if key not in self._columns:
            self._columns[key] = class_columns(item, self.classes[metric])
        return self._columns[key]

    def _class_draws(self, item: Measured, metric: str) -> FloatArray:
        return self._average_draws(item, metric)["macro_f1"]

    def _average_draws(self, item: Measured, metric: str) -> Draws:
        """Return the averages of the resamples; those of all candidates are drawn together, and once."""
        if metric not in self._draws:
            tables = [self._class_columns(each, metric) for each in self.measured.values()]
            draws = resampled_averages(tables, item.groups)
            self._draws[metric] = dict(zip(self.measured, draws, strict=True))
        return self._draws[metric][item.candidate.name]

    def _classification(self, item: Measured) -> Classification | None:
        classes = next(iter(self.classes.values()), None)
        if classes is None or not item.account.asked:
            return None
        columns = self._class_columns(item, classes.metric)
        return classification(item, classes, columns, self._average_draws(item, classes.metric))

    def _contender(self, item: Measured, generated: str) -> Contender:
        eligible = not self.task.finalists or item.candidate.name in self.task.finalists
        shared, price = share_columns(self._tests(item, generated), price_columns(item, self.success))
        checks = requirement_checks(item.candidate, self.task.requires, generated)
        return Contender(
            measured=item,
            tests=shared,
            eligible=eligible,
            price=price,
            requirements=checks,
            apart=self._bars.apart.measured.get(item.candidate.name),
        )

    def _tests(self, item: Measured, generated: str) -> Sequence[BarTest]:
        return tuple(self._bars.tests(item, generated, self.judges, self._class_drawn))

    def _class_drawn(self, item: Measured, metric: str) -> tuple[FloatArray, FloatArray]:
        return self._class_columns(item, metric), self._class_draws(item, metric)

    def _estimates(self, item: Measured) -> dict[str, Estimate]:
        stated = stated_accuracy(item)
        if stated is not None and not item.account.asked:
            missing = Estimate(value=None, n_missing=item.cases, method="no data")
            of = stated_metric(item, self.success)
            return {metric.name: stated if metric.name == of else missing for metric in self.metrics}
        return {metric.name: self._estimate(item, metric.name) for metric in self.metrics}

    def _estimate(self, item: Measured, metric: str) -> Estimate:
        if metric in self.counted:
            return counted_estimate(item, metric)
        if metric in self.judges:
            return judged_estimate(item, metric)
        if metric not in self.classes:
            return metric_estimate(item, metric)
        draws = self._class_draws(item, metric)
        found = macro_f1_estimate(self._class_columns(item, metric), item.groups, draws)
        return replace(found, n_missing=item.receivable - found.n)

    def _versus_incumbent(self, item: Measured) -> dict[str, Difference]:
        incumbent = self.measured.get(self.task.incumbent or "")
        if incumbent is None or incumbent is item:
            return {}
        return {metric.name: self._difference(item, incumbent, metric.name) for metric in self.metrics}

    def _report(self, judged: Judged) -> CandidateReport:
        item = judged.contender.measured
        candidate = item.candidate
        names = tuple(metric.name for metric in self.metrics)
        n = int(item.present.sum())
        stated = candidate.kind == "manual" and n == 0
        rule, latency = success_rule(self.task), latency_report(item)
        return CandidateReport(
            name=candidate.name,
            kind=candidate.kind,
            provider=candidate.provider,
            model=candidate.model,
            prompt=None if candidate.prompt is None else candidate.prompt.name,
            simulated=candidate.simulated,
            n=n,
            n_missing=item.receivable - n,
            n_withheld=item.n_withheld,
            attributes=candidate.attributes,
            requirements=judged.contender.requirements,
            metrics=self._estimates(item),
            versus_incumbent=self._versus_incumbent(item),
            latency=latency,
            cost=stated_costs(item, self.task.cost)
            if stated
            else cost_report(item, self.success, self.task.cost),
            failures=failure_report(item, names),
            checks=judged.checks,
            verdict=self._verdict(judged, latency),
            dominated_by=(),
            classification=self._classification(item),
            outcomes=outcome_report(item, self.task.severity),
            variance=variance_report(item, self.primary, rule),
            tail=tail_report(item, self.primary, self.metrics[0].direction, rule, self._slices),
            parts={each: part_estimates(item, each) for each in self._in_parts},
            counts={name: count_reports(item, name) for name in names if name in self.counted},
            judged={name: judged_report(item, judge) for name, judge in self.judges.items()} if n else {},
        )

    @property
    def _in_parts(self) -> tuple[str, ...]:
        return tuple(metric.name for metric in self.metrics if metric.summary == "parts")

    def _verdict(self, judged: Judged, latency: LatencyReport) -> VerdictReport:
        own = judged.contender
        told = explained(own.name, judged.verdict, judged.checks, self._shares, own.requirements)
        return with_tail(replace(judged.verdict, sentence=told), latency)

    def _metric_report(self, metric: Metric) -> MetricReport:
        return MetricReport(
            name=metric.name,
            version=metric.version,
            direction=metric.direction,
            binary=metric.binary,
            primary=metric.name == self.primary,
            role=next((spec.role for spec in self.task.metrics if spec.name == metric.name), "verdict"),
        )
