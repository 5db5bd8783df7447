/** The invoice as react-pdf's documentation teaches it: flowing rows, a repeated head, page numbers by `render`. */

import type { DocumentContent } from "@bbws/core/document/content.ts";
import type * as ReactPdf from "@react-pdf/renderer";

export function reactPdfRenderer({ Document, Page, View, Text, StyleSheet, renderToBuffer }: typeof ReactPdf) {
  const styles = StyleSheet.create({
    page: { paddingTop: 40, paddingBottom: 62, paddingHorizontal: 46, fontFamily: "Helvetica", fontSize: 9, color: "#111827" },
    head: { flexDirection: "row", justifyContent: "space-between", marginBottom: 20 },
    brand: { fontSize: 18, fontFamily: "Helvetica-Bold" },
    title: { fontSize: 24, fontFamily: "Helvetica-Bold" },
    detail: { flexDirection: "row", marginBottom: 2 },
    label: { width: 110, fontSize: 8, color: "#6b7280" },
    bold: { fontFamily: "Helvetica-Bold" },
    parties: { flexDirection: "row", marginVertical: 20 },
    party: { width: "50%" },
    row: { flexDirection: "row", borderBottomWidth: 0.4, borderBottomColor: "#e5e7eb", paddingVertical: 4 },
    headRow: { flexDirection: "row", borderBottomWidth: 0.6, borderBottomColor: "#6b7280", paddingBottom: 4, fontSize: 8 },
    description: { width: "45%" },
    cell: { width: "13.75%", textAlign: "right" },
    small: { fontSize: 8, color: "#6b7280" },
    totals: { marginTop: 10, marginLeft: "55%" },
    total: { flexDirection: "row", justifyContent: "space-between", marginBottom: 3 },
    emphasis: { fontSize: 12, fontFamily: "Helvetica-Bold", color: "#0f766e" },
    terms: { marginTop: 6, fontSize: 8, color: "#6b7280" },
    stamp: { position: "absolute", right: 46, top: 84, borderWidth: 2, borderColor: "#0f766e", padding: 8 },
    footer: {
      position: "absolute",
      bottom: 30,
      left: 46,
      right: 46,
      flexDirection: "row",
      justifyContent: "space-between",
      fontSize: 8,
      color: "#6b7280",
    },
  });

  const invoice = (content: DocumentContent) => (
    <Document title={content.metadata.title} author={content.metadata.author}>
      <Page size="A4" style={styles.page}>
        <View style={styles.head}>
          <Text style={styles.brand}>{content.supplier.name}</Text>
          <Text style={styles.title}>{content.title}</Text>
        </View>
        {content.details.map(({ label, value }) => (
          <View key={label} style={styles.detail}>
            <Text style={styles.label}>{label}</Text>
            <Text style={styles.bold}>{value}</Text>
          </View>
        ))}
        {content.stamp && (
          <View style={styles.stamp}>
            <Text style={styles.bold}>{content.stamp.word}</Text>
            <Text style={styles.small}>{content.stamp.date}</Text>
          </View>
        )}
        <View style={styles.parties}>
          {[content.supplier, content.recipient].map((party) => (
            <View key={party.heading} style={styles.party}>
              <Text style={styles.small}>{party.heading}</Text>
              <Text style={styles.bold}>{party.name}</Text>
              {party.lines.map((line) => (
                <Text key={line}>{line}</Text>
              ))}
            </View>
          ))}
        </View>
        <View style={styles.headRow} fixed>
          <Text style={styles.description}>Description</Text>
          <Text style={styles.cell}>Quantity</Text>
          <Text style={styles.cell}>Unit price</Text>
          <Text style={styles.cell}>Discount</Text>
          <Text style={styles.cell}>Amount</Text>
        </View>
        {content.lines.map((line, i) => (
          <View key={i} style={styles.row} wrap={false}>
            <View style={styles.description}>
              <Text style={styles.bold}>{line.name}</Text>
              {line.description && <Text style={styles.small}>{line.description}</Text>}
            </View>
            <Text style={styles.cell}>{line.quantity}</Text>
            <Text style={styles.cell}>{line.unitPrice}</Text>
            <Text style={styles.cell}>{line.discount ?? ""}</Text>
            <Text style={styles.cell}>{line.amount}</Text>
          </View>
        ))}
        <View style={styles.totals} wrap={false}>
          {content.totals.map(({ label, value, emphasis }) => (
            <View key={label} style={emphasis ? [styles.total, styles.emphasis] : styles.total}>
              <Text>{label}</Text>
              <Text>{value}</Text>
            </View>
          ))}
        </View>
        <View wrap={false}>
          <Text style={styles.bold}>{content.panel.heading}</Text>
          {content.panel.details.map(({ label, value }) => (
            <View key={label} style={styles.detail}>
              <Text style={styles.label}>{label}</Text>
              <Text>{value}</Text>
            </View>
          ))}
        </View>
        {content.terms.map(({ text }) => (
          <Text key={text} style={styles.terms}>
            {text}
          </Text>
        ))}
        <View style={styles.footer} fixed>
          <Text>{content.footer}</Text>
          <Text render={({ pageNumber, totalPages }) => `Page ${pageNumber} of ${totalPages}`} />
        </View>
      </Page>
    </Document>
  );

  return (content: DocumentContent): Promise<Uint8Array> => renderToBuffer(invoice(content));
}
