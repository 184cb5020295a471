"""One line for each step: "ok NAME" or "FAILED NAME: why". The exit code says whether all went well."""

import sys
import traceback


class Steps:
    def __init__(self, client):
        self.client = client
        self.failed = 0

    def run(self, name, step):
        try:
            result = step()
            print(f"ok      {self.client}: {name}", flush=True)
            return result
        except Exception as error:  # a step that fails must not stop the others
            self.failed += 1
            print(f"FAILED  {self.client}: {name}: {type(error).__name__}: {error}", flush=True)
            traceback.print_exc(file=sys.stderr)
            return None

    def end(self):
        sys.exit(1 if self.failed else 0)
