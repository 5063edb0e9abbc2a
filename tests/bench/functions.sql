-- What PostGraphile needs for the same screen: orders and conditions that no index begins with, as its guide advises.
create function student_latest_scores(s student) returns setof score language sql stable
  as $$ select * from score where student_id = s.id and published_at is not null order by published_at desc, id desc $$;
create function student_class_group(s student) returns class_group language sql stable
  as $$ select c.* from enrolment e join class_group c on c.id = e.class_group_id
        where e.student_id = s.id and e.ended_on is null limit 1 $$;
create function user_waiting(u "user") returns setof announcement_recipient language sql stable
  as $$ select r.* from announcement_recipient r join announcement a on a.id = r.announcement_id
        where r.user_id = u.id and a.needs_acknowledgement and r.acknowledged_at is null
        order by r.published_at desc, r.id desc $$;
