#!/usr/bin/python3
"""PKINIT by kinit against krb5kdc with the lab's module and against a stock krb5kdc, turn by turn in one run.

    PYTHONPATH=build/dev/python scripts/bench_kerberos.py [EXCHANGES]

The stock KDC has a db2 database with the same principal and accepts the same certificate by pkinit_cert_match; it asks
nobody. Printed for both: wall time of an exchange as kinit sees it (median, p99), and the CPU time that the KDC's side
spends on it (krb5kdc, and the lab's process where there is one), with the ratio. A kinit process costs more than a KDC;
exchanges per second are therefore those that the KDC's CPU time allows on one core.
"""
from __future__ import annotations

import os
import statistics
import subprocess
import sys
import tempfile
import time
from pathlib import Path

import mimica

TICKS = os.sysconf("SC_CLK_TCK")
WARM_UP = 5


def cpu_seconds(pid: int) -> float:
    fields = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
    return (int(fields[11]) + int(fields[12])) / TICKS


def stock_kdc(lab: mimica.Lab, folder: Path) -> tuple[subprocess.Popen[bytes], dict[str, str]]:
    """A krb5kdc without our module: same realm, KDC certificate and anchors, a database of its own."""
    realm, theirs = lab.kerberos.realm, lab.kerberos.folder
    port = lab.kerberos.port + 1
    server = (theirs / "kdc.conf").read_text().replace(f":{lab.kerberos.port}", f":{port}")
    server = server.replace(str(theirs / "krb5kdc.log"), str(folder / "krb5kdc.log"))
    head, _, rest = server.partition("[dbmodules]")
    logging = "[logging]" + rest.partition("[logging]")[2]
    configuration = folder / "kdc.conf"
    configuration.write_text(
        head.replace("database_module = lab", f"database_module = lab\n        key_stash_file = {folder}/stash")
        + f"[dbmodules]\n    lab = {{\n        db_library = db2\n        database_name = {folder}/principal\n    }}\n"
        + "[plugins]\n    certauth = {\n        enable_only = dbmatch\n    }\n" + logging
    )
    environment = {**os.environ, "KRB5_CONFIG": str(configuration), "KRB5_KDC_PROFILE": str(configuration)}
    for command in (
        ["kdb5_util", "create", "-s", "-P", "master", "-r", realm],
        ["kadmin.local", "-q", "addprinc -nokey +requires_preauth jane"],
        ["kadmin.local", "-q", 'setstr jane pkinit_cert_match "<SUBJECT>.*jane.*"'],
    ):
        subprocess.run(command, env={**environment, "PATH": f"/usr/sbin:{os.environ['PATH']}"}, check=True, capture_output=True)
    kdc = subprocess.Popen(["/usr/sbin/krb5kdc", "-n", "-P", str(folder / "pid")], env=environment)
    client = folder / "krb5.conf"
    client.write_text(lab.kerberos.configuration.read_text().replace(f":{lab.kerberos.port}", f":{port}"))
    return kdc, {**os.environ, "KRB5_CONFIG": str(client), "KRB5CCNAME": f"FILE:{folder}/cc"}


def main() -> int:
    exchanges = int(sys.argv[1]) if len(sys.argv) > 1 else 200
    with mimica.Lab(clock=time.strftime("%Y-%m-%dT%H:%M:%SZ", time.gmtime()), clock_runs=True,
                    templates=[], profiles=[], connectors=[]) as lab, tempfile.TemporaryDirectory() as name:  # fmt: skip
        folder = Path(name)
        lab.add_user("jane")
        issued = lab.enroll("jane", "User")
        assert issued.private_key is not None
        (folder / "jane.pem").write_text(issued.certificate.pem)
        (folder / "jane.key").write_text(issued.private_key)
        with_module = lab.kerberos.environment()
        lab_kdc = int((lab.kerberos.folder / "krb5kdc.pid").read_text())
        stock, without = stock_kdc(lab, folder)
        identity = f"X509_user_identity=FILE:{folder}/jane.pem,{folder}/jane.key"

        def kinit(environment: dict[str, str]) -> tuple[float, float]:
            """Milliseconds: of the exchange, and of this process's CPU (starting a client, and answering krb5kdc)."""
            start, cpu = time.perf_counter(), time.process_time()
            subprocess.run(["kinit", "-X", identity, "jane"], env=environment, check=True, capture_output=True)
            return (time.perf_counter() - start) * 1000, (time.process_time() - cpu) * 1000

        try:
            time.sleep(0.2)
            for _ in range(WARM_UP):
                kinit(with_module)
                kinit(without)
            wall: dict[str, list[float]] = {"with": [], "without": []}
            own = {"with": 0.0, "without": 0.0}
            before = [cpu_seconds(lab_kdc), cpu_seconds(stock.pid)]
            for _ in range(exchanges):
                for label, environment in (("without", without), ("with", with_module)):
                    elapsed, spent = kinit(environment)
                    wall[label].append(elapsed)
                    own[label] += spent
            after = [cpu_seconds(lab_kdc), cpu_seconds(stock.pid)]
        finally:
            stock.terminate()
            stock.wait()
        kdc_with, kdc_without = ((after[i] - before[i]) * 1000 / exchanges for i in (0, 1))
        print(f"{exchanges} PKINIT exchanges each, turn by turn")
        for label in ("without", "with"):
            ordered = sorted(wall[label])
            print(f"  kinit {label:8} module: median {statistics.median(ordered):6.2f} ms, p99 {ordered[int(len(ordered) * 0.99)]:6.2f} ms")
        print(f"  krb5kdc CPU per exchange: without {kdc_without:5.2f} ms ({1000 / kdc_without:.0f}/s a core), "
              f"with {kdc_with:5.2f} ms ({1000 / kdc_with:.0f}/s a core), ratio {kdc_with / kdc_without:.2f}")
        # This process is the lab's too: what starting a client costs is in both sums.
        print(f"  lab's CPU per exchange: {(own['with'] - own['without']) / exchanges:.2f} ms")
        median = statistics.median(wall["with"]) / statistics.median(wall["without"])
        print(f"  median of kinit with / without: {median:.2f}")
    return 0


if __name__ == "__main__":
    sys.exit(main())
