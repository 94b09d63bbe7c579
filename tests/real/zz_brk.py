from tests.real.test_manifests_broken import *
def test_look(own_crawls, own_storage, truth):
    parts = parts_of(truth, "1.0")
    f = blob_file(own_storage, parts["image"]); good=f.read_bytes(); f.write_bytes(good.replace(b'"', b'" ', 1))
    for i in range(2):
        e = own_crawls.run(f"{APP}:1.0", strict="1", status=3)
        print(e.seconds, e.out, e.err)
        for a in own_crawls.asked: print(a.method, a.path, a.status)
