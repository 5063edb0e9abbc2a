import time, pytest, asyncio
from backend.core.bus import MemoryBus
from backend.core.actor import SYSTEM
from tests.notifications.place import Place, Browser
from tests.notifications.happenings import announcement
from notifications.channels.console import Console
from notifications.relay import Relay
from sqlalchemy import text
pytestmark = pytest.mark.anyio
async def test_measure(database, bus):
    place = Place(database); room = await place.school()
    async with database.write(SYSTEM) as s:
        await s.execute(text("""insert into "user"(id,created_at,full_name,sort_key,language,theme,text_size) select gen_random_uuid(), now(), 'Phụ huynh '||i, 'p'||i,'vi','SYSTEM','NORMAL' from generate_series(1,3000) i"""))
        await s.execute(text("""insert into student(id,created_at,school_id,code,full_name,sort_key,search_key,sex,status) select gen_random_uuid(), now(), :s, 'c'||i, 'Học sinh '||i,'h','h','UNKNOWN','STUDYING' from generate_series(1,3000) i""").bindparams(s=room.school_id))
        await s.execute(text("""insert into enrolment(id,created_at,school_id,student_id,class_group_id,school_year_id,started_on) select gen_random_uuid(), now(), :s, id, :c, :y, '2026-09-05' from student""").bindparams(s=room.school_id,c=room.class_id,y=room.year_id))
        await s.execute(text("""insert into guardianship(id,created_at,school_id,student_id,user_id,relation) select gen_random_uuid(), now(), :s, s.id, u.id, 'MOTHER' from (select id,row_number() over () r from student) s join (select id,row_number() over () r from "user") u using (r)""").bindparams(s=room.school_id))
        await s.execute(text("""insert into device(id,created_at,user_id,channel,address,p256dh,auth,label) select gen_random_uuid(), now(), id, 'WEBPUSH','https://push.example.com/'||id, 'x','y','x' from "user" """))
    async def wake(n): pass
    relay = Relay(database, bus, wake, Console())
    for i in range(4):
        await place.happened(announcement(room))
        with database.count_statements() as c:
            t=time.perf_counter(); n=await relay.run(); ms=(time.perf_counter()-t)*1e3
        print(f"\nMEASURE relay 3000 people: {ms:.0f} ms, {len(c)} statements", len(await place.notifications()), len(await place.deliveries()))
    from notifications.delivery import Courier
    from notifications.tables import Lane, ChannelKind
    from notifications.rules import Outcome, Verdict
    class Null:
        async def send(self, batch, until): return [Outcome(Verdict.TAKEN)]*len(batch)
        async def close(self): ...
    with database.count_statements() as c:
        t=time.perf_counter(); n=await Courier(database,{ChannelKind.WEBPUSH:Null()}).run(Lane.BULK); ms=(time.perf_counter()-t)*1e3
    print(f"MEASURE courier without sending: {n} deliveries {ms:.0f} ms {len(c)} statements")
