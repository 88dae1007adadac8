"""Files and batches as OpenAI has them: enough for a client to run a batch to its end."""

import asyncio
import json
from collections.abc import Mapping
from dataclasses import dataclass, field

from aiohttp import web

from passmuster.adapters.simulator.asked import BadRequestError, JsonObject, Problem, RefusedError, parsed
from passmuster.adapters.simulator.service import Service
from passmuster.adapters.simulator.surface import Surface

MOST_BYTES = 512 * 1024 * 1024
"""Bytes of all files together."""
AT_ONCE = 50
"""Lines of a batch that are answered before others get a turn."""


@dataclass(slots=True)
class _Batch:
    told: JsonObject
    surface: Surface
    lines: list[JsonObject]
    done: dict[str, list[bytes]] = field(default_factory=lambda: {"output": [], "error": []})
    task: asyncio.Task[None] | None = None


class Batches:
    """Keeps files in memory and works batches off, each line after its simulated time."""

    def __init__(self, service: Service, surfaces: Mapping[str, Surface], scale: float) -> None:
        self._service = service
        self._surfaces = surfaces
        self._scale = scale
        self._files: dict[str, tuple[JsonObject, bytes]] = {}
        self._batches: dict[str, _Batch] = {}

    def route(self, app: web.Application) -> None:
        """Serve `/v1/files` and `/v1/batches`."""
        app.router.add_post("/v1/files", self._upload)
        app.router.add_get("/v1/files", self._list_files)
        app.router.add_get("/v1/files/{id}", self._file)
        app.router.add_get("/v1/files/{id}/content", self._content)
        app.router.add_delete("/v1/files/{id}", self._delete)
        app.router.add_post("/v1/batches", self._create)
        app.router.add_get("/v1/batches", self._list_batches)
        app.router.add_get("/v1/batches/{id}", self._status)
        app.router.add_post("/v1/batches/{id}/cancel", self._cancel)
        app.on_cleanup.append(self._end)

    async def _upload(self, request: web.Request) -> web.Response:
        try:
            form = await request.post()
        except ValueError as problem:
            message = "The body must be multipart/form-data."
            raise BadRequestError(message) from problem
        upload, purpose = form.get("file"), form.get("purpose")
        if not isinstance(upload, web.FileField) or not isinstance(purpose, str):
            message = "Give a 'file' and a 'purpose'."
            raise BadRequestError(message, "file")
        return web.json_response(self._keep(upload.file.read(), upload.filename, purpose))

    def _keep(self, content: bytes, name: str, purpose: str) -> JsonObject:
        if len(content) + sum(len(kept) for _, kept in self._files.values()) > MOST_BYTES:
            raise RefusedError(Problem(413, f"All files together may have {MOST_BYTES} bytes."))
        told: JsonObject = {
            "id": f"file-sim-{len(self._files) + 1}",
            "object": "file",
            "bytes": len(content),
            "created_at": int(self._service.now()),
            "filename": name,
            "purpose": purpose,
            "status": "processed",
        }
        self._files[str(told["id"])] = (told, content)
        return told

    async def _list_files(self, request: web.Request) -> web.Response:  # noqa: ARG002 - the router gives it
        return _listed([told for told, _ in self._files.values()])

    async def _file(self, request: web.Request) -> web.Response:
        return web.json_response(self._found(request.match_info["id"])[0])

    async def _content(self, request: web.Request) -> web.Response:
        return web.Response(
            body=self._found(request.match_info["id"])[1], content_type="application/octet-stream"
        )

    async def _delete(self, request: web.Request) -> web.Response:
        name = request.match_info["id"]
        told, _ = self._found(name)
        self._files[name] = (told | {"status": "deleted"}, b"")
        return web.json_response({"id": name, "object": "file", "deleted": True})

    def _found(self, name: str) -> tuple[JsonObject, bytes]:
        if name not in self._files or self._files[name][0]["status"] == "deleted":
            raise RefusedError(Problem(404, f"No such File object: {name}", param="id"))
        return self._files[name]

    async def _create(self, request: web.Request) -> web.Response:
        asked = parsed(await request.read())
        surface = self._surfaces.get(str(asked.get("endpoint")))
        if surface is None:
            message = f"Invalid 'endpoint': expected one of {', '.join(self._surfaces)}."
            raise BadRequestError(message, "endpoint")
        _, content = self._found(str(asked.get("input_file_id")))
        lines, errors = _lines(content, str(asked.get("endpoint")))
        told: JsonObject = {
            "id": f"batch_sim_{len(self._batches) + 1}",
            "object": "batch",
            "endpoint": asked.get("endpoint"),
            "input_file_id": asked.get("input_file_id"),
            "completion_window": asked.get("completion_window", "24h"),
            "metadata": asked.get("metadata"),
            "created_at": int(self._service.now()),
            "status": "failed" if errors else "in_progress",
            "errors": {"object": "list", "data": errors} if errors else None,
            "output_file_id": None,
            "error_file_id": None,
            "request_counts": {"total": len(lines), "completed": 0, "failed": 0},
        }
        batch = self._batches[str(told["id"])] = _Batch(told, surface, lines)
        if not errors:
            batch.task = asyncio.create_task(self._work(batch))
        return web.json_response(told)

    async def _list_batches(self, request: web.Request) -> web.Response:  # noqa: ARG002 - the router gives it
        return _listed([batch.told for batch in self._batches.values()])

    async def _status(self, request: web.Request) -> web.Response:
        return web.json_response(self._batch(request).told)

    async def _cancel(self, request: web.Request) -> web.Response:
        batch = self._batch(request)
        if batch.task is not None and not batch.task.done():
            batch.task.cancel()
            self._close(batch, "cancelled")
        return web.json_response(batch.told)

    def _batch(self, request: web.Request) -> _Batch:
        name = request.match_info["id"]
        if name not in self._batches:
            raise RefusedError(Problem(404, f"No such batch: {name}", param="id"))
        return self._batches[name]

    async def _work(self, batch: _Batch) -> None:
        """Answer the lines; each comes into the output when its simulated time is over."""
        began, answered = self._service.time(), []
        for index, line in enumerate(batch.lines):
            body, name = line["body"], str(line["custom_id"])
            status, found, seconds = self._service.offline(batch.surface, dict(body), name)  # type: ignore[call-overload]  # _lines saw that it is an object
            answered.append((seconds, index, name, status, found))
            if index % AT_ONCE == AT_ONCE - 1:
                await asyncio.sleep(0)
        for seconds, index, name, status, found in sorted(answered):
            await asyncio.sleep(max(0.0, began + seconds * self._scale - self._service.time()))
            kind, counted = ("output", "completed") if status == 200 else ("error", "failed")
            batch.done[kind].append(_line(f"batch_req_sim_{index}", name, status, found))
            counts = batch.told["request_counts"]
            counts[counted] += 1  # type: ignore[index]  # made above
        self._close(batch, "completed")

    def _close(self, batch: _Batch, status: str) -> None:
        try:
            for kind, lines in batch.done.items():
                if lines:
                    kept = self._keep(b"".join(lines), f"{batch.told['id']}_{kind}.jsonl", "batch_output")
                    batch.told[f"{kind}_file_id"] = kept["id"]
        except RefusedError as refused:  # no room: a client that waits for the end has to be told, too
            status = "failed"
            batch.told["errors"] = {"object": "list", "data": [_error(refused.problem.message, None)]}
        batch.told["status"] = status
        batch.told[f"{status}_at"] = int(self._service.now())

    async def _end(self, app: web.Application) -> None:  # noqa: ARG002 - aiohttp gives it
        tasks = [batch.task for batch in self._batches.values() if batch.task is not None]
        for task in tasks:
            task.cancel()
        if tasks:
            await asyncio.wait(tasks)


def _lines(content: bytes, endpoint: str) -> tuple[list[JsonObject], list[JsonObject]]:
    """Return the requests of a batch, and what is wrong with lines that are none."""
    lines, errors = [], []
    for number, text in enumerate(content.splitlines(), 1):
        try:
            line = json.loads(text)
        except (ValueError, RecursionError):
            line = None
        good = isinstance(line, dict) and isinstance(line.get("body"), dict)
        if good and line.get("url") == endpoint and line.get("method") == "POST" and "custom_id" in line:
            lines.append(line)
        else:
            message = f"A line needs custom_id, method POST, url {endpoint} and a body."
            errors.append(_error(message, number))
    return lines, errors


def _error(message: str, line: int | None) -> JsonObject:
    return {"code": "invalid_request", "line": line, "message": message, "param": None}


def _line(name: str, custom_id: str, status: int, body: bytes) -> bytes:
    head = json.dumps({"id": name, "custom_id": custom_id, "error": None})[:-1].encode("ascii")
    answer = b'{"status_code":%d,"request_id":"%b","body":%b}' % (status, name.encode("ascii"), body)
    return head + b', "response": ' + answer + b"}\n"


def _listed(data: list[JsonObject]) -> web.Response:
    return web.json_response({"object": "list", "data": data, "has_more": False})
