-- A transaction that notifies holds a lock of the whole database until its commit is on the disk, so that commits would
-- go to the disk one by one. Who has committed tells it afterwards.
DROP TRIGGER event_appended ON event;
DROP FUNCTION event_appended();
