-- The parent home by hand: what somebody would write who needed only this screen, as the owner of the database.
-- $1 the user, $2 the words of notifications as jsonb.
select json_build_object('data', json_build_object(
  'parentHome', json_build_object(
    'children', (
      select coalesce(json_agg(json_build_object(
        'id', s.id,
        'student', json_build_object(
          'id', s.id, 'fullName', s.full_name, 'givenName', substring(s.full_name from '[^ ]+$'),
          'classGroup', (select json_build_object('id', c.id, 'name', c.name)
                         from enrolment e join class_group c on c.id = e.class_group_id
                         where e.student_id = s.id and e.ended_on is null limit 1),
          'school', json_build_object('id', h.id, 'name', h.name)),
        'latestScores', (
          select coalesce(json_agg(json_build_object(
            'id', r.id, 'kind', k.kind, 'mark', r.mark::text, 'reason', r.reason,
            'publishedAt', to_char(r.published_at at time zone 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.MS"Z"'),
            'subject', json_build_object('id', b.id, 'code', b.code, 'name', b.name, 'nameEn', b.name_en))
            order by r.published_at desc, r.id desc), '[]')
          from (select * from score where student_id = s.id and published_at is not null
                order by published_at desc, id desc limit 4) r
          join score_column k on k.id = r.column_id join subject b on b.id = k.subject_id)
      ) order by s.sort_key, s.id), '[]')
      from guardianship g join student s on s.id = g.student_id join school h on h.id = s.school_id
      where g.user_id = $1 and g.ended_at is null),
    'waiting', (
      select coalesce(json_agg(json_build_object(
        'id', a.id, 'title', a.title, 'authorName', w.full_name,
        'school', json_build_object('id', z.id, 'name', z.name), 'needsAcknowledgement', a.needs_acknowledgement,
        'publishedAt', to_char(m.published_at at time zone 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.MS"Z"'),
        'readAt', to_char(m.read_at at time zone 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.MS"Z"'),
        'acknowledgedAt', null) order by m.published_at desc, m.id desc), '[]')
      from (select r.* from announcement_recipient r join announcement n on n.id = r.announcement_id
            where r.user_id = $1 and n.needs_acknowledgement and r.acknowledged_at is null
            order by r.published_at desc, r.id desc limit 5) m
      join announcement a on a.id = m.announcement_id join "user" w on w.id = a.author_id
      join school z on z.id = a.school_id),
    'announcements', (
      select coalesce(json_agg(json_build_object(
        'id', a.id, 'title', a.title, 'authorName', w.full_name,
        'school', json_build_object('id', z.id, 'name', z.name), 'needsAcknowledgement', a.needs_acknowledgement,
        'publishedAt', to_char(m.published_at at time zone 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.MS"Z"'),
        'readAt', to_char(m.read_at at time zone 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.MS"Z"'),
        'acknowledgedAt', to_char(m.acknowledged_at at time zone 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.MS"Z"'))
        order by m.published_at desc, m.id desc), '[]')
      from (select * from announcement_recipient where user_id = $1
            order by published_at desc, id desc limit 4) m
      join announcement a on a.id = m.announcement_id join "user" w on w.id = a.author_id
      join school z on z.id = a.school_id)),
  'inbox', json_build_object('nodes', (
    select coalesce(json_agg(json_build_object(
      'id', n.id,
      'title', replace(replace(replace(
        $2::jsonb #>> array[n.kind || case when n.params ->> 'needs_acknowledgement' = 'true'
                                      then '.acknowledge' else '' end, 'title'],
        '{who}', coalesce(n.child || coalesce(' (' || (n.params ->> 'class_name') || ')', ''),
                          n.params ->> 'school', '')),
        '{subject}', coalesce(n.params ->> 'subject_name', '')), '{title}', coalesce(n.params ->> 'title', '')),
      'link', n.link,
      'createdAt', to_char(n.created_at at time zone 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.MS"Z"'),
      'readAt', to_char(n.read_at at time zone 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.MS"Z"'))
      order by n.id desc), '[]')
    from (select *, params ->> 'child' as child from notification where user_id = $1 order by id desc limit 5) n))
))::text
