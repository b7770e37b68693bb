"""The archive for programs: JSON below /api/v1, RFC 9457 errors, OpenAPI at /api/openapi.json."""
