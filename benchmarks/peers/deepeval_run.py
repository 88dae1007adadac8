"""The benchmark's task for deepeval: own calls through the openai client, then its evaluate with an exact match."""

import asyncio
import json
import sys
from pathlib import Path

import openai
from deepeval import evaluate
from deepeval.evaluate import AsyncConfig, DisplayConfig
from deepeval.metrics import ExactMatchMetric
from deepeval.test_case import LLMTestCase

cases, concurrency, base = sys.argv[1], int(sys.argv[2]), sys.argv[3]
rows = [json.loads(line) for line in Path(cases).read_text(encoding="utf-8").splitlines()]


async def answers() -> list[str]:
    """Ask everything."""
    found = [""] * len(rows)
    queue = iter(enumerate(rows))
    async with openai.AsyncOpenAI(base_url=base, api_key="x") as client:

        async def worker() -> None:
            for place, row in queue:
                answer = await client.chat.completions.create(
                    model="mock", messages=[{"role": "user", "content": row["input"]}], max_tokens=16
                )
                found[place] = str(answer.choices[0].message.content)

        async with asyncio.TaskGroup() as group:
            for _ in range(concurrency):
                group.create_task(worker())
    return found


tests = [
    LLMTestCase(input=row["input"], actual_output=answer, expected_output=row["reference"])
    for row, answer in zip(rows, asyncio.run(answers()), strict=True)
]
result = evaluate(
    test_cases=tests,
    metrics=[ExactMatchMetric()],
    async_config=AsyncConfig(run_async=True, max_concurrent=concurrency),
    display_config=DisplayConfig(print_results=False, show_indicator=False),
)
right = sum(bool(test.success) for test in result.test_results)
print(f"right {right / len(rows)}")
