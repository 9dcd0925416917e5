"""What a database and a private cluster refuse."""

from gis.errors import Rule

DATABASE_UNREACHABLE = Rule(
    "database-unreachable",
    "连不上数据库：{reason}",
    "The database cannot be reached: {reason}",
)
DATABASE_BUSY = Rule(
    "database-busy",
    "数据库正忙，请稍后再试",
    "The database is busy; try again in a moment",
)
DATABASE_REFUSED = Rule(
    "database-refused",
    "数据库不接受这些数据：{reason}",
    "The database does not accept this: {reason}",
)
DATABASE_NEWER = Rule(
    "database-newer",
    "数据库由更新的版本建立（{found}）；请升级本程序",
    "The database was made by a newer version ({found}); upgrade this program",
)
POSTGRES_MISSING = Rule(
    "postgres-missing",
    "缺少 {what}。请运行：{mend}",
    "{what} is missing. Install it with: {mend}",
)
CLUSTER_BROKEN = Rule(
    "cluster-broken",
    "私有数据库在 {place} 不能启动：{reason}（日志：{log}）",
    "The private database at {place} does not start: {reason} (log: {log})",
)
CLUSTER_OTHER_VERSION = Rule(
    "cluster-other-version",
    "{place} 由 PostgreSQL {found} 建立，本机是 {wanted}。请运行：{mend}；要换用 {wanted}，"
    "先用旧版 gridfield db backup，移走 {place}，再 gridfield db restore",
    "{place} was made by PostgreSQL {found}, this machine has {wanted}. Install it with: {mend}; "
    "to move to {wanted}, then run gridfield db backup, put {place} aside and run "
    "gridfield db restore",
)
CLUSTER_FOREIGN = Rule(
    "cluster-foreign",
    "{place} 属于用户 {owner}；请用该用户或 root 运行",
    "{place} belongs to {owner}: run this as {owner} or as root",
)
CLUSTER_UNREACHABLE = Rule(
    "cluster-unreachable",
    "运行数据库的用户 {account} 进不了 {place}；请让上级目录可通过（chmod o+x）",
    "{account}, who runs the database, cannot enter {place}: allow it with chmod o+x on the "
    "folders above",
)
CLUSTER_ACCOUNT = Rule(
    "cluster-account",
    "PostgreSQL 不能以 root 运行，本机又没有 postgres 或 nobody 用户",
    "PostgreSQL refuses to run as root, and there is no account postgres or nobody",
)
CLUSTER_BUSY = Rule(
    "cluster-busy",
    "另一个进程一直在启动或停止 {place} 的私有数据库",
    "Another process has been starting or stopping the private database at {place} all the time",
)
CLUSTER_ABSENT = Rule(
    "cluster-absent",
    "{place} 还没有私有数据库；请运行 gridfield db start",
    "There is no private database at {place} yet: run gridfield db start",
)
BACKUP_BROKEN = Rule(
    "backup-broken",
    "备份 {file} 不可用：{reason_zh}",
    "The backup {file} cannot be used: {reason}",
)
BACKUP_FAILED = Rule(
    "backup-failed",
    "数据库 {database} 的 {program} 失败，原有内容未动：{reason}",
    "{program} of the database {database} failed and changed nothing: {reason}",
)
NOT_PERMITTED = Rule(
    "not-permitted",
    "您的角色或辖区不允许这样做",
    "Your role or division does not permit this",
)
