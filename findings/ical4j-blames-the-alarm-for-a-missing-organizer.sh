#!/usr/bin/env bash
# ical4j 4.0.8: what a published event lacks is reported of a VALARM, although the calendar has none.
#
# Expected: the entry names the component that breaks the rule: ORGANIZER is required in a VEVENT whose METHOD is
#   PUBLISH (RFC 5546 section 3.2.1). ValidationEntry has a context for it, "VEVENT".
# Seen: level ERROR, context "VALARM", "The following are REQUIRED, but MUST NOT occur more than once: ORGANIZER".
#   Without METHOD there is nothing to report, so the event itself is what is judged.
set -euo pipefail

work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
cd "$work"
mkdir -p src/main/java
cat >pom.xml <<'XML'
<project xmlns="http://maven.apache.org/POM/4.0.0">
  <modelVersion>4.0.0</modelVersion>
  <groupId>seen</groupId><artifactId>seen</artifactId><version>1</version>
  <properties><maven.compiler.source>11</maven.compiler.source><maven.compiler.target>11</maven.compiler.target></properties>
  <dependencies>
    <dependency><groupId>org.mnode.ical4j</groupId><artifactId>ical4j</artifactId><version>4.0.8</version></dependency>
    <dependency><groupId>org.slf4j</groupId><artifactId>slf4j-nop</artifactId><version>2.0.17</version></dependency>
  </dependencies>
</project>
XML
cat >src/main/java/Seen.java <<'JAVA'
import java.io.StringReader;
import net.fortuna.ical4j.data.CalendarBuilder;
import net.fortuna.ical4j.validate.ValidationEntry;

public class Seen {
  static final String EVENT =
      "BEGIN:VEVENT\r\nUID:1\r\nDTSTAMP:20261130T163008Z\r\nDTSTART;VALUE=DATE:20261210\r\nSUMMARY:A call closes\r\nEND:VEVENT\r\n";

  static String judged(String method) throws Exception {
    String text = "BEGIN:VCALENDAR\r\nVERSION:2.0\r\nPRODID:-//seen//EN\r\n" + method + EVENT + "END:VCALENDAR\r\n";
    StringBuilder said = new StringBuilder();
    for (ValidationEntry entry : new CalendarBuilder().build(new StringReader(text)).validate().getEntries())
      said.append(entry.getSeverity()).append(" of ").append(entry.getContext()).append(": ").append(entry.getMessage());
    return said.toString();
  }

  public static void main(String[] arguments) throws Exception {
    String published = judged("METHOD:PUBLISH\r\n");
    System.out.println("ical4j 4.0.8");
    System.out.println("with METHOD:PUBLISH: " + published);
    System.out.println("without METHOD: " + judged(""));
    if (!published.contains("VALARM") || !published.contains("ORGANIZER") || !judged("").isEmpty()) {
      System.out.println("it is said otherwise now");
      System.exit(1);
    }
  }
}
JAVA
mvn --quiet --batch-mode compile dependency:build-classpath -Dmdep.outputFile=classpath >maven.log 2>&1 || { cat maven.log; exit 1; }
java -cp "target/classes:$(cat classpath)" Seen
