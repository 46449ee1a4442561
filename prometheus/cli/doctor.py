"""`pwm doctor`."""

from __future__ import annotations

from prometheus.cli.options import Json


def doctor(json: Json = False) -> None:
    """Check that this installation can run, draw and think.

    Example: pwm doctor
    """
    import typer

    from prometheus.cli.show import show_json
    from prometheus.doctor import examine

    findings = examine()
    if json:
        show_json([{"what": f.what, "ok": f.ok, "detail": f.detail} for f in findings])
    else:
        for finding in findings:
            print(f"{'ok ' if finding.ok else 'BAD'} {finding.what}: {finding.detail}")
    if not all(finding.ok for finding in findings):
        raise typer.Exit(1)
