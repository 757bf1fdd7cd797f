# What /etc/kafka/docker/run does in apache/kafka: KAFKA_* into server.properties by Kafka's own wrapper, which
# also formats the store, then the broker.
set -eu
export LOG_DIR=/opt/kafka/logs
java -Xmx128m -cp "/opt/kafka/libs/*" kafka.docker.KafkaDockerWrapper setup \
    --default-configs-dir /etc/kafka/docker --mounted-configs-dir /mnt/shared/config \
    --final-configs-dir /opt/kafka/config
# shellcheck disable=SC2086  # several options in one variable, as kafka-run-class.sh has it
exec java ${KAFKA_HEAP_OPTS:-} -XX:+UseSerialGC -XX:TieredStopAtLevel=1 -Dkafka.logs.dir="$LOG_DIR" \
    -Dlog4j2.configurationFile=/etc/kafka/docker/log4j2.yaml -cp "/opt/kafka/libs/*" \
    kafka.Kafka /opt/kafka/config/server.properties
