import pytest, re
from tests.factories.referrals import *
from mace.core import clock
@pytest.fixture
def case(cast): return open_case(cast)
def text(r):
    return re.sub(r"\s+"," ",re.sub(r"<[^>]+>"," ",re.sub(r"<svg.*?</svg>","",r.content.decode().split("<main")[-1].split("</main")[0],flags=re.S)))
def test_smoke(cast, case):
    c=cast.client("practitioner"); b=f"/cases/{case.reference}/"
    for p in ["","journey/","assessments/","assessments/new/","assessments/compare/","plans/","plans/new/","plans/?on=2026-03-05","voice/new/","difficulties/new/"]:
        r=c.get(b+p); print("\n==",p,r.status_code,len(r.content)); print(text(r)[:1500])
    r=cast.client("coordinator").get("/voices/"); print(r.status_code,text(r))
    r=cast.client("coordinator").get("/cases/?voice=missing&columns=heard"); print(r.status_code,text(r)[-600:])
    r=c.get(b+"assessments/new/"); print(re.findall(r'<(?:input|textarea|select)[^>]*name="[^"]*"[^>]*>',r.content.decode())[:6])
    h=r.content.decode()
    data={"version":re.search(r'name="version" value="(\d+)"',h)[1],"operation":re.search(r'name="operation" value="(\w+)"',h)[1],"rating":"emerging","rationale":"x","missing_score":"2","missing_evidence":"e","pull_ticks":["money","status"]}
    r=c.post(b+"assessments/new/",data); print(r.status_code, re.findall(r'error-message[^>]*>(.*?)</p>',r.content.decode()))
    h=r.content.decode(); data["version"]=re.search(r'name="version" value="(\d+)"',h)[1]; data["operation"]=re.search(r'name="operation" value="(\w+)"',h)[1]
    data|={"changes":"Better","lowering_reason":"calm"}
    r=c.post(b+"assessments/new/",data,follow=True); print(r.status_code,r.redirect_chain,text(r))
    r=c.post(b+"assessments/new/",data,follow=True); print(r.status_code,r.redirect_chain,text(r)[:200])
    m=cast.client("manager"); r=m.get(b+"assessments/"); links=re.findall(r'href="(/cases/[^"]*assessments/[^"]{20,}/)"',r.content.decode()); print(links)
    r=m.get(links[0]); print(text(r))
    r=m.post(links[0]+"decide/",{"outcome":"confirmed"},follow=True); print(r.status_code,text(r))
    keys=[l.split("/")[-2] for l in links]
    r=m.get(b+f"assessments/compare/?one={keys[1]}&other={keys[0]}"); print(r.status_code,text(r))
    r=c.get(b+"journey/"); print(text(r))
