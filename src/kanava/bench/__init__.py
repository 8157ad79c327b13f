"""Measuring Kanava against PostgreSQL on the same machine, in the same run.

A benchmark is a module with `async def run(context: BenchContext) -> list[Measure]`, named in `commands.BENCHES`. It
starts what it needs itself: a fresh durable PostgreSQL, the migrated schema, a real API process. Nothing is a test.
"""
