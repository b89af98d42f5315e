"""Tests for vitest: what an explorer of JavaScript and TypeScript says that it saw, and how that is written as tests."""
